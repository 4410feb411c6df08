package gobwire

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

// A vector is what a running libopenstorage/gossip put on the wire.
type vector struct {
	Hex     string
	Decoded map[string]json.RawMessage
}

func load(t testing.TB, name string) (b []byte, v vector) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if b, err = hex.DecodeString(v.Hex); err != nil {
		t.Fatal(err)
	}
	return b, v
}

// captured is the time that all vectors hold.
func captured() time.Time { return time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC) }

func TestMetasOfTheOriginalDecode(t *testing.T) {
	var r MetaReader
	for name, version := range map[string]string{"meta-v1": "v1", "meta-v2": "v2"} {
		b, _ := load(t, name)
		for range 2 { // by a fresh decoder, and by one that has learnt the type
			info, err := r.Decode(b)
			want := types.NodeMetaInfo{ClusterId: "cluster-a", GossipVersion: version, Id: "node-7", LastUpdateTs: captured()}
			if err != nil || info.NodeMetaInfo != want || info.Bridge != "" {
				t.Errorf("%s is %+v, %v; want %+v", name, info, err, want)
			}
		}
	}
}

func TestAStateOfTheOriginalDecodesWithEveryGoType(t *testing.T) {
	b, v := load(t, "state-all-basic-kinds")
	nodes, err := DecodeState(b, len(b))
	if err != nil {
		t.Fatal(err)
	}
	seven := nodes["node-7"]
	if len(nodes) != 2 || seven.Id != "node-7" || seven.GenNumber != 3 || seven.Status != types.NODE_STATUS_UP ||
		!seven.LastUpdateTs.Equal(captured()) || !seven.WaitForGenUpdateTs.Equal(captured()) ||
		!seven.QuorumMember || seven.ClusterDomain != "zone-1" || seven.Addr != "10.0.0.7:9002" {
		t.Errorf("the state is %+v", nodes)
	}
	if len(seven.Value) != len(v.Decoded) {
		t.Errorf("%d values, want %d", len(seven.Value), len(v.Decoded))
	}
	for key, text := range v.Decoded {
		var want string
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		value := seven.Value[types.StoreKey(key)]
		if got := fmt.Sprintf("%T %v", value, value); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
}

func TestStatesOfTheOriginalWithoutAndWithOneValueDecode(t *testing.T) {
	for name, values := range map[string]int{"state-empty-values": 0, "state-one-string": 1} {
		b, _ := load(t, name)
		nodes, err := DecodeState(b, len(b))
		if err != nil || len(nodes) != 1 || len(nodes["node-7"].Value) != values {
			t.Errorf("%s is %+v, %v", name, nodes, err)
		}
	}
}
