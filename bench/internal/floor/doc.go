// Package floor is the least that a program can do for the work of each scenario: bare
// sockets, and a codec for memberlist's bytes written by hand for exactly the messages
// that occur. It detects nothing and is no library. What it costs is what the machine
// and the wire cost, and no library that is written in Go the same way goes below it.
package floor
