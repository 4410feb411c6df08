package nekton

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// secret is a key, another one for each fill.
func secret(fill byte) []byte { return bytes.Repeat([]byte{fill}, 32) }

// keyring has the keys of the given fills, the primary first.
func keyring(t testing.TB, policy seal.Policy, fills ...byte) *seal.Keyring {
	t.Helper()
	var others [][]byte
	for _, fill := range fills[1:] {
		others = append(others, secret(fill))
	}
	k, err := seal.NewKeyring(secret(fills[0]), others...)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.SetPolicy(policy); err != nil {
		t.Fatal(err)
	}
	return k
}

// A sealed cluster is one whose nodes have keyrings of their own, and tell what they
// lose.
type sealedCluster struct {
	*site
	rings []*seal.Keyring
}

func newSealedCluster(t *testing.T, size int, policy seal.Policy, opts ...Option) *sealedCluster {
	c := &sealedCluster{site: newSite(t)}
	c.intervals = patient()
	c.opts = append([]Option{over(transport.NewNetwork())}, opts...)
	for i := range size {
		ring := keyring(t, policy, 1)
		n := c.nodeAt(fmt.Sprintf("10.0.0.%d:7000", i+1), types.NodeId(fmt.Sprintf("n%d", i+1)), 1, "", WithKeyring(ring))
		c.start(n, c.nodes[:min(1, i)]...)
		c.rings = append(c.rings, ring)
	}
	list(c.nodes...)
	allUp(t, c.nodes...)
	return c
}

// patient are quick intervals with so long a suspicion that only who cannot be heard at
// all is declared dead, however busy the machine is. Push-pulls, which are all that
// carries values on memberlist's wire, are quicker still.
func patient() types.GossipIntervals {
	intervals := quick()
	intervals.SuspicionMult, intervals.PushPullInterval = 30, 50*time.Millisecond
	return intervals
}

// calm fails if anybody has been declared dead.
func (c *sealedCluster) calm() {
	c.t.Helper()
	for _, n := range c.nodes {
		if s := n.Stats().Protocol; s.Deaths != 0 {
			c.t.Errorf("%s has declared %d members dead, after %d suspicions", n.NodeId(), s.Deaths, s.Suspicions)
		}
	}
}

// lost is what nodes have dropped for what is around messages.
func (c *sealedCluster) lost() (n uint64) {
	for _, node := range c.nodes {
		drops := node.Stats().Protocol.Drops
		n += drops[swim.DropKey] + drops[swim.DropUnauthenticated] + drops[swim.DropLabel]
	}
	return n
}

// travels sets a value at each node and waits until all have all.
func (c *sealedCluster) travels(what string) {
	c.t.Helper()
	for _, from := range c.nodes {
		from.UpdateSelf("tide", what)
	}
	for _, from := range c.nodes {
		for _, to := range c.nodes {
			eventually(c.t, func() bool {
				v, err := Value[string](to, from.NodeId(), "tide")
				return err == nil && v == what
			}, "%s has what %s says", to.NodeId(), from.NodeId())
		}
	}
}

// probed waits until every node has had acks after this moment.
func (c *sealedCluster) probed(acks uint64) {
	c.t.Helper()
	for _, n := range c.nodes {
		before := n.Stats().Protocol.Acks
		eventually(c.t, func() bool { return n.Stats().Protocol.Acks >= before+acks }, "%s has acks", n.NodeId())
	}
}

func TestAnEncryptedClusterLives(t *testing.T) {
	t.Parallel()
	c := newSealedCluster(t, 4, seal.Required, WithLabel("reef"))
	c.travels("high")
	c.probed(3)
	c.calm()
	if lost := c.lost(); lost != 0 {
		t.Errorf("%d packets were dropped", lost)
	}
}

func TestAnEncryptedClusterLivesOnSockets(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 3, WithKeyring(keyring(t, seal.Required, 1)), WithLabel("reef"))
	nodes[0].UpdateSelf("tide", "low")
	eventually(t, func() bool { v, err := Value[string](nodes[2], "n1", "tide"); return err == nil && v == "low" }, "the value arrives")
	stranger := newSite(t)
	err := stranger.node("stranger", "").Start(stranger.config(nodes[0]))
	if err == nil || !lacks("refusals") && refusalOf(err) != swim.RefusedLabel {
		t.Errorf("a stranger is told %v", err)
	}
}

// refusalOf is the reason in what Start returned, 0 if there is none.
func refusalOf(err error) swim.RefusalReason {
	var join *JoinError
	var refused *RefusedError
	if !errors.As(err, &join) || !errors.As(err, &refused) {
		return 0
	}
	return refused.Reason
}

func TestAKeyIsRotatedWhileTheClusterRuns(t *testing.T) {
	t.Parallel()
	c := newSealedCluster(t, 3, seal.Required)
	for round := byte(1); round < 4; round++ {
		for _, step := range []func(*seal.Keyring) error{
			func(k *seal.Keyring) error { return k.AddKey(secret(round + 1)) },
			func(k *seal.Keyring) error { return k.UseKey(secret(round + 1)) },
			func(k *seal.Keyring) error { return k.RemoveKey(secret(round)) },
		} {
			for i, ring := range c.rings {
				if err := step(ring); err != nil {
					t.Fatal(err)
				}
				c.travels(fmt.Sprint(round, i)) // with nodes on both sides of the step
			}
			c.probed(1) // what was under way has arrived
		}
	}
	c.calm()
	if lost := c.lost(); lost != 0 {
		t.Errorf("%d packets were dropped", lost)
	}
	for i, ring := range c.rings {
		if keys := ring.Keys(); len(keys) != 1 || !bytes.Equal(keys[0], secret(4)) {
			t.Errorf("node %d has %v", i+1, ring)
		}
	}
}

func TestAClusterIsMovedToEncryptionAndBackWhileItRuns(t *testing.T) {
	t.Parallel()
	c := newSealedCluster(t, 4, seal.Accepted)
	for _, policy := range []seal.Policy{seal.Preferred, seal.Required, seal.Preferred, seal.Accepted} {
		for i, ring := range c.rings {
			if err := ring.SetPolicy(policy); err != nil {
				t.Fatal(err)
			}
			c.travels(fmt.Sprint(policy, i))
		}
		c.probed(1)
	}
	c.calm()
	if lost := c.lost(); lost != 0 {
		t.Errorf("%d packets were dropped", lost)
	}
}

// Nodes that were started without keys are restarted one by one with a keyring that
// only accepts encryption; from then on nobody has to be restarted any more.
func TestAClusterWithoutKeysIsMovedToEncryptionNodeByNode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.intervals, s.opts = patient(), []Option{over(transport.NewNetwork())}
	addr := func(i int) string { return fmt.Sprintf("10.0.0.%d:7000", i+1) }
	id := func(i int) types.NodeId { return types.NodeId(fmt.Sprintf("n%d", i+1)) }
	nodes := make([]*Node, 3)
	for i := range nodes {
		nodes[i] = s.nodeAt(addr(i), id(i), 1, "")
		s.start(nodes[i], nodes[:min(1, i)]...)
	}
	list(nodes...)
	allUp(t, nodes...)
	c := &sealedCluster{site: s}
	for i := range nodes {
		if err := nodes[i].Stop(patience); err != nil {
			t.Fatal(err)
		}
		ring := keyring(t, seal.Accepted, 1)
		c.rings = append(c.rings, ring)
		nodes[i] = s.nodeAt(addr(i), id(i), 1, "", WithKeyring(ring))
		s.start(nodes[i], nodes[(i+1)%len(nodes)])
		list(nodes...)
		allUp(t, nodes...)
	}
	s.nodes = nodes
	for _, policy := range []seal.Policy{seal.Preferred, seal.Required} {
		for i, ring := range c.rings {
			if err := ring.SetPolicy(policy); err != nil {
				t.Fatal(err)
			}
			c.travels(fmt.Sprint(policy, i))
		}
	}
	c.calm()
}

func TestWhoDoesNotBelongToAnEncryptedClusterIsToldWhyAndChangesNothing(t *testing.T) {
	t.Parallel()
	network := transport.NewNetwork()
	for i, c := range []struct {
		what      string
		ours      []Option // of the cluster
		theirs    []Option
		reason    swim.RefusalReason
		drop      swim.Drop
		text      string
		encrypted bool
	}{
		{"no key", []Option{WithKeyring(keyring(t, seal.Required, 1))}, nil, swim.RefusedClear, swim.DropUnauthenticated, "encryption required", true},
		{"another key", []Option{WithKeyring(keyring(t, seal.Required, 1))}, []Option{WithKeyring(keyring(t, seal.Required, 2))},
			swim.RefusedKey, swim.DropKey, "encryption key mismatch", true},
		{"a key too many", nil, []Option{WithKeyring(keyring(t, seal.Preferred, 2))}, swim.RefusedSealed, swim.DropKey, "encryption not configured", true},
		{"another label", []Option{WithLabel("reef")}, []Option{WithLabel("pod")}, swim.RefusedLabel, swim.DropLabel, "label mismatch", true},
		{"no label", []Option{WithLabel("reef")}, nil, swim.RefusedLabel, swim.DropLabel, "label mismatch", true},
	} {
		s := newSite(t)
		s.intervals, s.opts = patient(), []Option{over(network)}
		at := func(j int) string { return fmt.Sprintf("10.0.%d.%d:7000", i, j) }
		a := s.nodeAt(at(1), "a", 1, "", c.ours...)
		s.start(a)
		b := s.nodeAt(at(2), "b", 1, "", c.ours...)
		s.start(b, a)
		list(a, b)
		allUp(t, a, b)
		stranger := s.nodeAt(at(3), "stranger", 1, "", c.theirs...)
		err := stranger.Start(s.config(a))
		switch {
		case err == nil:
			t.Errorf("%s: Start returns nil", c.what)
		case lacks("refusals"): // see TestAJoinerOnMemberlistsWireLearnsThatItsKeyIsWrong
		case refusalOf(err) != c.reason, !strings.Contains(err.Error(), c.text+": refused by "+at(1)):
			t.Errorf("%s: Start returns %v", c.what, err)
		}
		eventually(t, func() bool { return a.Stats().Protocol.Drops[c.drop] > 0 }, "%s: the seed counts %v", c.what, c.drop)
		remains(t, 50*time.Millisecond, func() bool { return len(a.Members()) == 2 && len(b.Members()) == 2 },
			"%s: nobody meets the stranger", c.what)
		if len(stranger.Members()) != 1 {
			t.Errorf("%s: the stranger knows %v", c.what, stranger.Members())
		}
		for _, n := range []*Node{a, b} {
			if status(n, "a") != types.NODE_STATUS_UP || status(n, "b") != types.NODE_STATUS_UP {
				t.Errorf("%s: %s has changed its mind", c.what, n.NodeId())
			}
		}
	}
}

// On memberlist's wire the layers are memberlist's. There is no refusal there, but what a
// joiner gets as an answer tells it what is wrong with its key.
func TestAClusterOnMemberlistsWireIsEncrypted(t *testing.T) {
	t.Parallel()
	for what, opts := range map[string][]Option{
		"compressed": nil, "plain": {WithCompression(false)}, "labelled": {WithLabel("reef")},
		"encrypted":              {WithKeyring(keyring(t, seal.Required, 1))},
		"labelled and encrypted": {WithLabel("reef"), WithKeyring(keyring(t, seal.Required, 1))},
	} {
		s := newSite(t)
		s.version, s.intervals = types.DEFAULT_GOSSIP_VERSION, patient()
		s.opts = append(opts, over(transport.NewNetwork()))
		for i := range 3 {
			n := s.nodeAt(fmt.Sprintf("10.0.0.%d:7000", i+1), types.NodeId(fmt.Sprintf("n%d", i+1)), 1, "")
			s.start(n, s.nodes[:min(1, i)]...)
		}
		list(s.nodes...)
		allUp(t, s.nodes...)
		c := &sealedCluster{site: s}
		c.travels(what)
		c.probed(2)
		c.calm()
		for _, n := range s.nodes {
			drops := n.Stats().Protocol.Drops
			if n := drops[swim.DropKey] + drops[swim.DropUnauthenticated] + drops[swim.DropLabel] + drops[swim.DropChecksum] + drops[swim.DropCompression] + drops[swim.DropMalformed]; n != 0 {
				t.Errorf("%s: %d packets were dropped: %v", what, n, drops)
			}
		}
	}
}

func TestAJoinerOnMemberlistsWireLearnsThatItsKeyIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what         string
		ours, theirs []Option
		reason       swim.RefusalReason
	}{
		{"no key", []Option{WithKeyring(keyring(t, seal.Required, 1))}, nil, swim.RefusedSealed},
		{"another key", []Option{WithKeyring(keyring(t, seal.Required, 1))}, []Option{WithKeyring(keyring(t, seal.Required, 2))}, swim.RefusedKey},
		{"a key too many", nil, []Option{WithKeyring(keyring(t, seal.Required, 2))}, swim.RefusedClear},
		{"another label", []Option{WithLabel("reef")}, []Option{WithLabel("pod")}, 0},
	} {
		s := newSite(t)
		s.version, s.opts = types.DEFAULT_GOSSIP_VERSION, []Option{over(transport.NewNetwork())}
		a := s.nodeAt("10.0.0.1:7000", "a", 1, "", c.ours...)
		s.start(a)
		stranger := s.nodeAt("10.0.0.2:7000", "stranger", 1, "", c.theirs...)
		err := stranger.Start(s.config(a))
		if err == nil || refusalOf(err) != c.reason {
			t.Errorf("%s: Start returns %v", c.what, err)
		}
		if len(a.Members()) != 1 || len(stranger.Members()) != 1 {
			t.Errorf("%s: they know %v and %v", c.what, a.Members(), stranger.Members())
		}
	}
}

func TestSecurityOptionsThatCannotBeAreErrorsOfStart(t *testing.T) {
	for what, opt := range map[string]Option{
		"keyring is nil":                          WithKeyring(nil),
		"keyring has no key":                      WithKeyring(new(seal.Keyring)),
		"label has 256 bytes, limit 255":          WithLabel(strings.Repeat("x", 256)),
		"compression exists on memberlist's wire": WithCompression(true),
		"Limits.Packet is 1150, want 1436 or more": func(o *options) {
			WithLimits(Limits{Packet: 1150})(o)
			WithLabel(strings.Repeat("x", 255))(o)
			o.security.keyring = keyring(t, seal.Required, 1)
		},
	} {
		n := NewNode("127.0.0.1:0", "n", 1, quick(), "v2", "c", "", opt)
		err := n.Start(types.GossipStartConfiguration{})
		var bad *ConfigError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), what) {
			t.Errorf("Start returns %v, want %q", err, what)
		}
	}
	n := NewNode("127.0.0.1:0", "n", 1, quick(), "v2", "c", "", WithCompression(false), WithSkipInboundLabelCheck(), WithLabel("reef"))
	if err := n.Start(types.GossipStartConfiguration{}); err != nil {
		t.Error(err)
	}
	if err := n.Stop(0); err != nil {
		t.Error(err)
	}
}

// A meteredTransport keeps the length of the longest packet that was sent.
type meteredTransport struct {
	transport.Transport
	longest *atomic.Int64
}

func (m meteredTransport) WritePacket(b []byte, to netip.AddrPort) error {
	for {
		if held := m.longest.Load(); int64(len(b)) <= held || m.longest.CompareAndSwap(held, int64(len(b))) {
			return m.Transport.WritePacket(b, to)
		}
	}
}

func TestEncryptedPacketsStayWithinTheBudget(t *testing.T) {
	t.Parallel()
	const budget = 1200
	var longest atomic.Int64
	network := transport.NewNetwork()
	listen := func(_ context.Context, addr string) (transport.Transport, error) {
		node, err := network.Listen(addr)
		return meteredTransport{node, &longest}, err
	}
	c := newSealedCluster(t, 3, seal.Required, WithLabel("reef"), WithCompression(false), WithLimits(Limits{Packet: budget}), WithTransport(listen))
	if lacks("deltas") { // no values in packets, but news of members
		crowd(t, network, 40, &seal.Config{Label: "reef", Keyring: c.rings[0]})
		eventually(t, func() bool { return len(c.nodes[2].Members()) == 43 }, "the last node knows all")
	}
	for i := range 40 {
		c.nodes[0].UpdateSelf(types.StoreKey(fmt.Sprint("k", i)), strings.Repeat("x", 100))
	}
	c.travels("high")
	if got := longest.Load(); got > budget || got < budget-200 {
		t.Errorf("the longest packet has %d bytes, the budget is %d", got, budget)
	}
}

// crowd tells the node at 10.0.0.1 of members that there are not, on memberlist's wire.
func crowd(t *testing.T, network *transport.Network, size int, sealed *seal.Config) {
	t.Helper()
	from, err := network.Listen("10.0.0.9:7000")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	for i := range size {
		c := stranger(t)
		c.Name, c.Addr = fmt.Sprintf("x%dv1", i), netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, 0, byte(i)}), 7000)
		sendPacket(t, from, attack{what: c.Name, bytes: aliveOf(t, c), sealed: sealed})
	}
}
