package node_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

const (
	up       = types.NODE_STATUS_UP
	down     = types.NODE_STATUS_DOWN
	out      = types.NODE_STATUS_NOT_IN_QUORUM
	suspect  = types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	downMay  = types.NODE_STATUS_SUSPECT_DOWN
	majority = types.QUORUM_PROVIDER_DEFAULT
	domains  = types.QUORUM_PROVIDER_FAILURE_DOMAINS
)

func TestALostMajorityIsSuspectedThenSaidAndFoundAgain(t *testing.T) {
	w := newWorld(t, majority, "", "", "", "", "")
	w.split("a", "b")
	a, c := w.node("a"), w.node("c")
	w.until(30*time.Second, "the minority suspects itself", func() bool { return a.SelfStatus() == suspect })
	w.until(11*time.Second, "the minority says so", func() bool { return a.SelfStatus() == out })
	if c.SelfStatus() != up || c.status("a") != down {
		t.Errorf("the majority is %v and holds a %v", c.SelfStatus(), c.status("a"))
	}
	w.HealAll()
	w.until(90*time.Second, "everybody is UP again", func() bool { return w.all(up) })
}

func TestAPeerOfALostDomainIsOnlySuspectedDown(t *testing.T) {
	w := newWorld(t, domains, "x", "x", "y", "y", "z")
	a := w.node("a")

	// One node of domain y dies: its sibling answers.
	w.node("c").crash()
	w.until(30*time.Second, "c is DOWN", func() bool { return a.status("c") == down })

	// The rest of the domain dies: nobody answers for it.
	w.node("d").crash()
	w.until(30*time.Second, "d is SUSPECT_DOWN", func() bool { return a.status("d") == downMay })
	if a.SelfStatus() != up {
		t.Errorf("three of five are left, and a is %v", a.SelfStatus())
	}
	w.run(61 * time.Second)
	if got := a.status("d"); got != down {
		t.Errorf("after probation d is %v", got)
	}
}

func TestOnePingAnswersAllChecksOfADomain(t *testing.T) {
	w := newWorld(t, domains, "x", "y", "y", "y", "z")
	a := w.node("a")
	w.split("b", "c")
	w.until(60*time.Second, "b and c are DOWN: d answers for both", func() bool {
		return a.status("b") == down && a.status("c") == down
	})
	if a.status("d") != up {
		t.Errorf("d is %v", a.status("d"))
	}
}

func TestValuesSpreadAndARestartBeginsWithoutThem(t *testing.T) {
	w := newWorld(t, majority, "", "", "")
	a, b, c := w.node("a"), w.node("b"), w.node("c")
	if err := b.SetValue(w.Now(), "k", []byte("v1")); err != nil {
		t.Fatal(err)
	}
	has := func(r *resident, want string) func() bool {
		return func() bool {
			v, ok, err := r.ValueOf("b", "k")
			return err == nil && ok == (want != "") && string(v) == want
		}
	}
	w.until(2*time.Second, "a has b's value", has(a, "v1"))
	w.until(2*time.Second, "c has b's value", has(c, "v1"))

	if !b.DeleteValue(w.Now(), "k") || b.DeleteValue(w.Now(), "k") {
		t.Error("a key is deleted once")
	}
	w.until(2*time.Second, "a has it no more", has(a, ""))

	if err := b.SetValue(w.Now(), "k", []byte("v2")); err != nil {
		t.Fatal(err)
	}
	w.until(2*time.Second, "a has the new value", has(a, "v2"))

	// A new process, a higher generation, the same name and address.
	b.crash()
	reborn := w.add("b", "", 2)
	reborn.addr = b.addr
	reborn.open(node.StartConfig{Provider: majority})
	reborn.join(a)
	w.until(5*time.Second, "the old values are gone", has(a, ""))
	if e, _ := a.Entry("b"); e.Info.GenNumber != 2 {
		t.Errorf("a shows generation %d", e.Info.GenNumber)
	}
}

func TestTheSameObjectStartsAgainWithAHigherBootAndItsValues(t *testing.T) {
	w := newWorld(t, majority, "", "", "")
	a, b := w.node("a"), w.node("b")
	if err := b.SetValue(w.Now(), "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	before, _ := a.Member("b")
	b.Leave(w.Now())
	w.until(time.Second, "the leave is acknowledged", func() bool {
		for _, e := range b.events {
			if e.Kind == node.EventLeaveAcked {
				return true
			}
		}
		return false
	})
	b.Close(w.Now(), true)
	if b.SelfStatus() != down || a.status("b") != down {
		t.Errorf("after the leave b is %v for itself, %v for a", b.SelfStatus(), a.status("b"))
	}
	if m, _ := a.Member("b"); m.State != swim.Left {
		t.Errorf("a holds b %v", m.State)
	}

	b.open(node.StartConfig{Provider: majority})
	if b.SelfStatus() == down {
		t.Error("b starts again where it left")
	}
	b.join(a)
	w.until(5*time.Second, "b is UP for a, with its value", func() bool {
		v, ok, _ := a.ValueOf("b", "k")
		return a.status("b") == up && ok && string(v) == "v"
	})
	if after, _ := a.Member("b"); after.Stamp.Life.Compare(before.Stamp.Life) <= 0 {
		t.Errorf("the new life %v is not above the old %v", after.Stamp, before.Stamp)
	}
}

func TestBootsRiseAlsoWhenTheWallClockGoesBack(t *testing.T) {
	w := emptyWorld(t)
	a := w.add("a", "", 1)
	a.open(node.StartConfig{})
	first, _ := a.Member("a")
	a.Close(w.Now(), false)
	if err := a.Start(node.StartConfig{}); err != nil {
		t.Fatal(err)
	}
	a.listen(-time.Hour)
	if second, _ := a.Member("a"); second.Stamp.Boot <= first.Stamp.Boot {
		t.Errorf("boot went from %d to %d", first.Stamp.Boot, second.Stamp.Boot)
	}
}

func TestAPeerThatIsMadeKnownIsUpAtOnceIfItIsAlive(t *testing.T) {
	w := newWorld(t, majority, "", "", "")
	a := w.node("a")
	peers := w.peers()
	delete(peers, "c")
	a.UpdateCluster(w.Now(), peers)
	if _, err := a.Entry("c"); err == nil {
		t.Error("c is still known")
	}
	a.UpdateCluster(w.Now(), w.peers())
	if got := a.status("c"); got != up {
		t.Errorf("c is %v right after it was made known", got)
	}
	if err := a.RemoveNode(w.Now(), "b"); err != nil {
		t.Fatal(err)
	}
	a.AddNode(w.Now(), "b", types.NODE_STATUS_NEVER_GOSSIPED, true, "")
	if got := a.status("b"); got != up {
		t.Errorf("b is %v right after AddNode", got)
	}
}

func TestAWrittenStatusLastsUntilTheNextPushPullInterval(t *testing.T) {
	w := newWorld(t, majority, "", "", "")
	a := w.node("a")
	if err := a.SetStatus(w.Now(), "b", down); err != nil {
		t.Fatal(err)
	}
	w.run(pace().PushPullInterval - 100*time.Millisecond)
	if got := a.status("b"); got != down {
		t.Errorf("before the interval is over b is %v", got)
	}
	w.run(200 * time.Millisecond)
	if got := a.status("b"); got != up {
		t.Errorf("after it b is %v", got)
	}
	var unknown *node.UnknownNodeError
	if err := a.SetStatus(w.Now(), "x", down); !errors.As(err, &unknown) || unknown.ID != "x" {
		t.Errorf("status of an unknown node: %v", err)
	}
}

func TestStrangersAreInvisibleAndTheirValuesAreThereWhenTheyAreNamed(t *testing.T) {
	w := newWorld(t, majority, "", "", "")
	a := w.node("a")
	d := w.add("d", "", 1)
	d.open(node.StartConfig{Provider: majority})
	if err := d.SetValue(w.Now(), "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	d.join(a)
	w.run(3 * time.Second)
	if m, ok := a.Member("d"); !ok || m.State != swim.Alive {
		t.Fatalf("the detector holds d %v", m.State)
	}
	if _, err := a.Entry("d"); err == nil {
		t.Error("d is shown before it is named")
	}
	if keys := a.Keys(); len(keys) != 0 {
		t.Errorf("its keys are shown: %v", keys)
	}
	a.UpdateCluster(w.Now(), w.peers())
	if v, ok, _ := a.ValueOf("d", "k"); !ok || string(v) != "v" || a.status("d") != up {
		t.Errorf("when named, d is %v with %q", a.status("d"), v)
	}
}

func TestAnOverlayIsSeenHereOnlyAndEndsWithTheOwnersNextVersion(t *testing.T) {
	w := newWorld(t, majority, "", "", "")
	a, b, c := w.node("a"), w.node("b"), w.node("c")
	set := func(v string) {
		t.Helper()
		if err := b.SetValue(w.Now(), "k", []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	set("owner")
	w.run(2 * time.Second)

	entry := func(ts time.Time) node.Entry {
		return node.Entry{
			Info:   types.NodeInfo{Id: "b", LastUpdateTs: ts, Status: down, ClusterDomain: "elsewhere", Addr: "1.2.3.4:5"},
			Values: []node.KeyValue{{Key: "k", Value: []byte("overlay")}},
		}
	}
	show := func(r *resident) string {
		v, _, _ := r.ValueOf("b", "k")
		return string(v)
	}
	if err := a.Overlay(w.Now(), "b", entry(virtual.Epoch().Add(-time.Hour))); err != nil || show(a) != "owner" {
		t.Errorf("an older entry: %v, and a shows %q", err, show(a))
	}
	if err := a.Overlay(w.Now(), "b", entry(w.wall().Add(time.Hour))); err != nil || show(a) != "overlay" {
		t.Errorf("a later entry: %v, and a shows %q", err, show(a))
	}
	if e, _ := a.Entry("b"); e.Info.Status != up || e.Info.ClusterDomain != "" || e.Info.Addr != b.addr.String() {
		t.Errorf("the local configuration was overwritten: %+v", e.Info)
	}
	w.run(10 * time.Second)
	if show(c) != "owner" {
		t.Errorf("c shows %q", show(c))
	}
	set("owner again")
	w.until(2*time.Second, "the owner's next version ends it", func() bool { return show(a) == "owner again" })

	var mismatch *node.MismatchError
	if err := a.Overlay(w.Now(), "c", entry(w.wall())); !errors.As(err, &mismatch) {
		t.Errorf("an entry under another id: %v", err)
	}
}

func TestAReplacedNodeIsDownAndSilent(t *testing.T) {
	w := newWorld(t, majority, "", "", "")
	a, b := w.node("a"), w.node("b")
	usurper := w.add("b", "", 2)
	usurper.open(node.StartConfig{Provider: majority})
	usurper.join(a)
	w.until(20*time.Second, "the old b is DOWN", func() bool { return b.SelfStatus() == down })
	if m, _ := a.Member("b"); m.Addr != usurper.addr || m.Stamp.Generation != 2 {
		t.Errorf("a holds b at %v, %v", m.Addr, m.Stamp)
	}
	if _, ok := b.NextDeadline(); ok {
		t.Error("the replaced node still waits for something of the protocol")
	}
}

func TestALowerGenerationIsRefusedWithATypedError(t *testing.T) {
	w := newWorld(t, majority, "", "")
	a := w.node("a")
	late := w.add("b", "", 0)
	late.open(node.StartConfig{Provider: majority})
	late.join(a)
	w.run(time.Second)
	for _, e := range late.events {
		if e.Kind == node.EventJoinDone {
			var refused *swim.RefusedError
			if !errors.As(e.Member.Err, &refused) || refused.Reason != swim.RefusedGeneration {
				t.Errorf("the join ended with %v", e.Member.Err)
			}
			return
		}
	}
	t.Error("the join did not end")
}

func TestBadConfigurationIsReportedWholeAndByField(t *testing.T) {
	_, err := node.New(node.Config{
		ID: "", ClusterID: strings.Repeat("c", 256), Version: strings.Repeat("v", 256),
		Intervals: types.GossipIntervals{GossipInterval: -1, ProbeTimeout: -1, SuspicionMult: -1},
	}, 0, virtual.Epoch())
	for _, want := range []string{"node id", "cluster id", "gossip version", "GossipInterval", "ProbeTimeout", "SuspicionMult"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

func TestAValueOverTheLimitChangesNothing(t *testing.T) {
	w := emptyWorld(t)
	a := w.add("a", "", 1)
	var limit *store.LimitError
	if err := a.SetValue(0, "k", make([]byte, store.DefaultMaxValue+1)); !errors.As(err, &limit) {
		t.Fatalf("a value that is too large: %v", err)
	}
	if e := a.Self(); len(e.Values) != 0 {
		t.Errorf("it is there: %v", e.Values)
	}
}

func TestAWaitingNodeHasAStatusAndNoDeadlines(t *testing.T) {
	w := emptyWorld(t)
	a := w.add("a", "x", 1)
	if err := a.Start(node.StartConfig{Provider: domains}); err != nil {
		t.Fatal(err)
	}
	if a.ShouldOpen() || a.IsOpen() || a.SelfStatus() != out {
		t.Errorf("should open %v, open %v, %v", a.ShouldOpen(), a.IsOpen(), a.SelfStatus())
	}
	if _, err := a.Join(0, nil); !errors.Is(err, node.ErrNotRunning) {
		t.Errorf("join without sockets: %v", err)
	}
	active := types.ClusterDomainsActiveMap{"x": types.CLUSTER_DOMAIN_STATE_ACTIVE}
	if err := a.UpdateActiveMap(0, active); err != nil || !a.ShouldOpen() {
		t.Errorf("after activation: %v, should open %v", err, a.ShouldOpen())
	}
	a.listen(0)
	if a.ShouldOpen() {
		t.Error("should open twice")
	}
}
