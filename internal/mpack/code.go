package mpack

// The codes of msgpack's specification that begin a value of more than one byte, or
// that are one value.
const (
	Nil      = 0xc0
	Never    = 0xc1 // no value begins like that
	False    = 0xc2
	True     = 0xc3
	Bin8     = 0xc4
	Bin16    = 0xc5
	Bin32    = 0xc6
	Ext8     = 0xc7
	Ext16    = 0xc8
	Ext32    = 0xc9
	Float32  = 0xca
	Float64  = 0xcb
	Uint8    = 0xcc
	Uint16   = 0xcd
	Uint32   = 0xce
	Uint64   = 0xcf
	Int8     = 0xd0
	Int16    = 0xd1
	Int32    = 0xd2
	Int64    = 0xd3
	FixExt1  = 0xd4
	FixExt16 = 0xd8
	Str8     = 0xd9
	Str16    = 0xda
	Str32    = 0xdb
	Array16  = 0xdc
	Array32  = 0xdd
	Map16    = 0xde
	Map32    = 0xdf
)

// The codes that hold a number as well.
const (
	MaxFixInt    = 0x7f // 0x00–0x7f: the integer itself
	FixMap       = 0x80 // 0x80–0x8f: pairs
	FixArray     = 0x90 // 0x90–0x9f: elements
	FixStr       = 0xa0 // 0xa0–0xbf: bytes
	MinNegFixInt = 0xe0 // 0xe0–0xff: -32 to -1

	MaxFixCount = 15 // of elements or pairs
	MaxFixStr   = 31
)
