package swim

import (
	"iter"
	"net/netip"
)

// A Table is the members of a [FrameTable]. It is written from where it is held and
// read from where it has arrived, one row after the other: a table of ten thousand
// members takes a megabyte on the wire, and none beside it.
type Table struct {
	// Len is how many rows there are.
	Len int
	// Size is about how many bytes their names and metas have, or more. A hint for who
	// writes them; zero: not told.
	Size int
	// Rows yields each row once, the same ones every time. A row is the one before,
	// overwritten; its slices are those of whoever yields it: part of the bytes that the
	// frame was parsed from, or, from a core, valid until the next row. Nil: no rows.
	Rows iter.Seq[*TableRow]
}

// A TableRow is the record of one member in a [Table]. Who suspects it, or has declared
// it dead, is not told.
type TableRow struct {
	State    State
	Name     []byte
	Addr     netip.AddrPort
	Stamp    Stamp
	Meta     []byte // nil: the wire has none
	Versions Versions
}

// claim is what a row says. Its meta is that of the row.
func (row *TableRow) claim() Claim {
	return Claim{
		State: row.State, Name: string(row.Name), Addr: row.Addr, Stamp: row.Stamp, Meta: row.Meta, Versions: row.Versions,
	}
}
