// Package mpack writes the few forms of msgpack that packets and frames (packages
// wirev1 and wirev2), records and values (package store) are made of. They are
// written by hand, because that costs no allocation and no reflection on the path of
// a ping.
//
// Everything is appended in its shortest form, so that equal things are equal bytes.
// The LenX functions say beforehand how many bytes an AppendX will take.
//
// Reading is left to the packages that read: what may be lenient with a value has to
// be strict with a packet, and each says what is wrong in its own words. They share
// the codes, and Measure, which says how long a value is that nobody wants to read.
//
// The tests compare all of it with vmihailenco/msgpack.
package mpack
