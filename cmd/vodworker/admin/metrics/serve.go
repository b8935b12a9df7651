package metrics

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

const (
	// maxScrapes is how many may go on at a time: a folder of letters on a disk that hangs holds each of them up.
	maxScrapes = 4

	// maxTurn is how long one waits for its turn, less than Prometheus waits for an answer: others may ask without a pause.
	maxTurn = 5 * time.Second
)

// Handler answers scrapes, as text or as OpenMetrics. It does without promhttp, which takes along what writes protobuf: 270 KiB.
func (m *Metrics) Handler() http.Handler {
	places := make(chan struct{}, maxScrapes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
		case <-time.After(maxTurn):
			http.Error(w, "other scrapes have not ended", http.StatusServiceUnavailable)
			return
		}
		var text bytes.Buffer
		kind, err := func() (string, error) {
			defer func() { <-places }() // not when it is sent: whoever reads slowly would keep others out
			return m.scrape(&text, strings.Contains(r.Header.Get("Accept"), "application/openmetrics-text"))
		}()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(text.Bytes()) // whoever asked has left
	})
}

// scrape writes all there is, and returns its content type.
func (m *Metrics) scrape(w io.Writer, open bool) (contentType string, err error) {
	families, err := m.registry.Gather()
	if err != nil {
		return "", err
	}
	kind, format := expfmt.TypeTextPlain, expfmt.MetricFamilyToText
	if open {
		kind, format = expfmt.TypeOpenMetrics, openMetrics
	}
	for _, family := range families {
		if _, err := format(w, family); err != nil {
			return "", err
		}
	}
	if open {
		_, err = expfmt.FinalizeOpenMetrics(w)
	}
	return string(expfmt.NewFormat(kind)), err
}

func openMetrics(w io.Writer, family *dto.MetricFamily) (int, error) {
	if family.GetName() == "go_memstats_alloc_bytes_total" {
		return 0, nil // a counter is named without _total here, and Go's gauge has that name
	}
	return expfmt.MetricFamilyToOpenMetrics(w, family)
}
