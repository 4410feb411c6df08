package gallery_test

import (
	"errors"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/sim/gallery"
	"github.com/nekton-go/nekton/sim/scenario"
)

// When what comes of a story changes on purpose, rewrite it, and review the difference:
//
//	go test ./sim/gallery -rewrite
var rewrite = flag.Bool("rewrite", false, "write what came of the stories into their files")

func TestEveryStoryOfTheGalleryEndsAsItSays(t *testing.T) {
	for _, name := range gallery.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story, err := gallery.Story(name)
			if err != nil {
				t.Fatal(err)
			}
			var outputs [][]string
			expectations := 0
			err = story.Play(scenario.Options{}, func(r scenario.Result) {
				lines := r.Lines()
				if !*rewrite && !slices.Equal(lines, r.Block.Expected) {
					t.Errorf("%s:%d: came of it:\n%s\nexpected:\n%s", story.Name, r.Block.Lines[0].Number,
						strings.Join(lines, "\n"), strings.Join(r.Block.Expected, "\n"))
				}
				outputs = append(outputs, lines)
				expectations += strings.Count(strings.Join(textOf(r.Block), "\n"), "expect ")
			})
			if err != nil {
				t.Error(err)
			}
			if expectations == 0 {
				t.Error("it expects nothing")
			}
			if *rewrite && len(outputs) == len(story.Blocks) {
				if err := os.WriteFile(story.Name, []byte(story.Format(outputs)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func textOf(b *scenario.Block) []string {
	var lines []string
	for _, l := range b.Lines {
		lines = append(lines, l.Text)
	}
	return lines
}

func TestEveryStoryNamesItsReportAndSaysWhatUsersHit(t *testing.T) {
	report := regexp.MustCompile(`#\d+|figure \d+`)
	for _, name := range gallery.Names() {
		story, err := gallery.Story(name)
		if err != nil {
			t.Fatal(err)
		}
		if title := story.Title(); len(title) < 30 || len(title) > 200 || !strings.HasSuffix(title, ".") {
			t.Errorf("%s: the first sentence is %q", name, title)
		}
		if !report.MatchString(strings.Join(story.Head, " ")) {
			t.Errorf("%s: the head names no report", name)
		}
	}
}

func TestEveryStoryIsInTheBook(t *testing.T) {
	page, err := os.ReadFile("../../docs/simulator.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range gallery.Names() {
		if !strings.Contains(string(page), "| ["+name+"](../sim/gallery/"+name+".txt) |") {
			t.Errorf("docs/simulator.md has no row for %s", name)
		}
	}
}

func TestAStoryThatIsNotThereIsATypedError(t *testing.T) {
	_, err := gallery.Story("memberlist-0")
	var unknown *gallery.UnknownStoryError
	if !errors.As(err, &unknown) || unknown.Name != "memberlist-0" {
		t.Errorf("%v", err)
	}
}

func TestAStoryCanBePlayedAtAnotherSizeWithAnotherSeedAndOneContenderAlone(t *testing.T) {
	story, err := gallery.Story("memberlist-222")
	if err != nil {
		t.Fatal(err)
	}
	o := scenario.Options{Seed: 9, Params: map[string]int{"nodes": 8}, Only: "nekton"}
	last := ""
	err = story.Play(o, func(r scenario.Result) {
		if len(r.Parts) != 1 || r.Parts[0].Contender != "nekton" {
			t.Errorf("parts %+v", r.Parts)
		}
		last = strings.Join(r.Lines(), "\n")
	})
	if err != nil || !strings.Contains(last, "n0..n7 list 8: n0..n7") {
		t.Errorf("%v; the last block says\n%s", err, last)
	}
}
