package storyview

import (
	"encoding/json"
	"io"

	"github.com/nekton-go/nekton/sim/scenario"
)

// JSON shows a story as one object a line.
type JSON struct{ enc *json.Encoder }

// NewJSON returns a view that writes to w.
func NewJSON(w io.Writer) *JSON { return &JSON{json.NewEncoder(w)} }

// object is a line.
type object struct {
	Type      string   `json:"type"`
	Name      string   `json:"name,omitempty"`
	Title     string   `json:"title,omitempty"`
	Seconds   *float64 `json:"t,omitempty"`
	Contender string   `json:"contender,omitempty"`
	Line      int      `json:"line,omitempty"`
	Kind      string   `json:"kind,omitempty"`
	Node      string   `json:"node,omitempty"`
	About     string   `json:"about,omitempty"`
	By        string   `json:"by,omitempty"`
	Text      string   `json:"text,omitempty"`
	OK        *bool    `json:"ok,omitempty"`
	Error     string   `json:"error,omitempty"`
}

// print writes one line; whoever reads along and goes away is not missed.
func (v *JSON) print(o object) { _ = v.enc.Encode(o) }

// Open prints story.
func (v *JSON) Open(s *scenario.Story) {
	v.print(object{Type: "story", Name: s.Name, Title: s.Title()})
}

// Command prints command.
func (v *JSON) Command(l scenario.Line) {
	v.print(object{Type: "command", Line: l.Number, Text: l.Text})
}

// Told prints told.
func (v *JSON) Told(contender string, t scenario.Told) {
	o := object{
		Type: "told", Contender: contender, Line: t.Line, Kind: t.Kind, Node: t.Node, About: t.About, By: t.By, Text: t.Text,
	}
	if t.At >= 0 {
		seconds := t.At.Seconds()
		o.Seconds = &seconds
	}
	v.print(o)
}

// Close prints end.
func (v *JSON) Close(_ int, err error) {
	ok := err == nil
	o := object{Type: "end", OK: &ok}
	if err != nil {
		o.Error = err.Error()
	}
	v.print(o)
}
