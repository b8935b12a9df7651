package sink

// An OptionError is about one option of a sink. Its text is that of Err behind the option's key.
type OptionError struct {
	Key string // of a configuration file, such as url
	Err error  // says what is wrong and what to write, without the option's value
}

func (e *OptionError) Error() string { return e.Key + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *OptionError) Unwrap() error { return e.Err }
