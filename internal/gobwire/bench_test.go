package gobwire

import (
	"fmt"
	"testing"

	"github.com/nekton-go/nekton/types"
)

func BenchmarkMetaLearnt(b *testing.B) {
	meta, _ := load(b, "meta-v1")
	var r MetaReader
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Decode(meta); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMetaUnknownType(b *testing.B) {
	meta, _ := load(b, "meta-v1")
	b.ReportAllocs()
	for b.Loop() {
		var r MetaReader
		if _, err := r.Decode(meta); err != nil {
			b.Fatal(err)
		}
	}
}

// thousand is a state of a thousand nodes with three values each.
func thousand() types.NodeInfoMap {
	nodes := types.NodeInfoMap{}
	for i := range 1000 {
		id := types.NodeId(fmt.Sprintf("node-%d", i))
		nodes[id] = types.NodeInfo{
			Id: id, GenNumber: 1, LastUpdateTs: captured(), Status: types.NODE_STATUS_UP, ClusterDomain: "zone", Addr: "10.0.0.1:9002",
			Value: types.StoreMap{"version": "1.2.3", "free": uint64(1 << 40), "disks": []string{"sda", "sdb"}},
		}
	}
	return nodes
}

func BenchmarkEncodeStateOf1000(b *testing.B) {
	nodes := thousand()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := EncodeState(nodes); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeStateOf1000(b *testing.B) {
	state, err := EncodeState(thousand())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(state)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeState(state, len(state)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValues(b *testing.B) {
	register()
	var g Values
	for name, v := range map[string]any{"string": "1.2.3", "struct": registered{1, []string{"x"}}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				code, err := g.Encode(v)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := g.Decode(code); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
