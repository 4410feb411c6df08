// Package nekton is cluster membership to link into a program.
package nekton
