package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
	"github.com/vodworker/vodworker/worker/vodtest/fidelity"
)

// fidelityCommand prints the emulator's account of itself. It needs no emulator that runs.
func fidelityCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "fidelity",
		Short: "Print how like VOD the emulator is: what is documented, and what is guessed",
		Long: `Print what the emulator does, line by line, and how that is known: VOD documents it, with the number of the document
or SDK for the SDK's own words; it is inferred from those; or it is guessed.`,
		Args: usage.None,
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, row := range fidelity.Rows() {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.Subject, row.Basis, row.Source, row.What)
			}
			return table.Flush()
		},
	}
}
