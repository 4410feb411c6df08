package gallery

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/nekton-go/nekton/sim/scenario"
)

//go:embed *.txt
var files embed.FS

// suffix is that of the files.
const suffix = ".txt"

// Names are those of all stories, in alphabetical order.
func Names() []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic("gallery: " + err.Error()) // it is part of the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), suffix))
	}
	return names
}

// An UnknownStoryError means that there is no story of a name.
type UnknownStoryError struct{ Name string }

// Error names it.
func (e *UnknownStoryError) Error() string {
	return fmt.Sprintf("gallery: no story %q; nekton sim replay lists them", e.Name)
}

// Story reads the story of a name. The error is an *[UnknownStoryError].
func Story(name string) (*scenario.Story, error) {
	text, err := files.ReadFile(name + suffix)
	if err != nil {
		return nil, &UnknownStoryError{name}
	}
	return scenario.Parse(name+suffix, string(text))
}
