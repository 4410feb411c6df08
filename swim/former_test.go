package swim_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
)

// On a wire without lives a restarted member begins at the incarnation of its former
// run, so that others take what it says for old. Found among the words of others, what
// the former run said has to be refuted; its own words have not.
func TestWhatAFormerRunSaidIsRefutedWhereNoLifeTellsThemApart(t *testing.T) {
	for _, c := range []struct {
		name     string
		meta     string
		versions swim.Versions
		want     swim.Incarnation
	}{
		{"the same words", "now", swim.MemberlistVersions(), 1},
		{"other meta", "then", swim.MemberlistVersions(), 2},
		{"other versions", "now", swim.Versions{1, 3, 2, 0, 0, 0}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			codec, err := wirev1.New(wirev1.Config{Name: "a"})
			if err != nil {
				t.Fatal(err)
			}
			addr := netip.MustParseAddrPort("10.0.0.1:7946")
			core, err := swim.New(swim.Config{
				Name: "a", Addr: addr, ClusterID: "c", Version: "v1", Meta: []byte("now"),
				Codec: codec, Rand: rand.New(rand.NewPCG(1, 1)),
			}, 0)
			if err != nil {
				t.Fatal(err)
			}
			b := codec.AppendMessage(codec.BeginPacket(nil), &swim.Message{
				Kind: swim.KindAlive, Name: []byte("a"), Addr: addr, Stamp: swim.Stamp{Incarnation: 1},
				Meta: []byte(c.meta), Versions: c.versions,
			})
			core.HandlePacket(time.Second, netip.MustParseAddrPort("10.0.0.2:7946"), codec.FinishPacket(b, 0, []int{0}))
			if got := core.Self().Incarnation; got != c.want {
				t.Errorf("incarnation %d, want %d", got, c.want)
			}
		})
	}
}
