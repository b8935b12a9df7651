package library

// ProcedureOf returns a procedure of kinds and definitions, in turn.
func ProcedureOf(parts ...any) (p Procedure) {
	for i := 0; i < len(parts); i += 2 {
		for _, k := range kinds {
			if k.called() == parts[i] {
				p = append(p, k.job(uint64(parts[i+1].(int))))
			}
		}
	}
	return p
}
