// Package api has the data types of VOD's API, version 2018-07-17, by the names that VOD gives them: what requests ask for,
// and what answers and events tell. In JSON a member is called as its field is.
package api

// Unfilled stands for a part that the emulator never fills: a nil pointer, or an empty list.
type Unfilled struct{}
