package nekton

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/types"
)

// gossip is the gossip version of the clusters in tests of behaviour. They have to
// pass in each, except for what memberlist's wire cannot do:
//
//	go test . -gossip v1
var gossip = flag.String("gossip", types.GOSSIP_VERSION_2, "the gossip version of clusters in tests of behaviour")

// An exception is something that nekton's wire can do and memberlist's cannot.
type exception struct {
	// what the wire lacks.
	what string
	// instead are the tests of what happens there, in this package or the one named.
	instead []string
}

// exceptions are all there are. docs/protocol.md lists them.
func exceptions() map[string]exception {
	return map[string]exception{
		"Ping": {
			"a message of the application", []string{"TestPingIsNotPossibleInV1"},
		},
		"lives": {
			"generation and boot: two processes of one name are told apart by nothing but their address",
			[]string{"TestGenerationsAreNotComparedInV1", "TestARestartInV1IsRefutedBackToLife"},
		},
		"restarts elsewhere": {
			"a new address of a member whose old one is not yet dead", []string{
				"TestARestartInV1AtAnotherAddressWaitsUntilTheOldOneIsDead", "interop.TestAMemberRestartedElsewhereIsBackOnBothSidesOnceTheOldOneIsGone",
			},
		},
		"acknowledged departures": {
			"an ack of a departure: it is sent its full count", []string{
				"TestADepartureInV1IsOverWhenItWasSentOftenEnough", "swim.TestADepartureIsSentItsFullCountAndPingsAreStillAnswered",
			},
		},
		"refusals": {
			"an answer to a joiner that is refused: each side judges for itself",
			[]string{"TestNodesOfOtherVersionsAndClustersStayApartInV1", "swim.TestWhoIsNotAdmittedIsNotListed"},
		},
		"deltas": {
			"changes of values by themselves: all travels with each push-pull", []string{"TestValuesInV1TravelWholeAndWithPushPullsOnly"},
		},
		"values of strangers": {
			"a store for nodes that are not listed", []string{"TestAValueOfAnUnknownNodeShowsWhenItIsListed"},
		},
		"clock independence": {
			"versions of values: the wall clock of their owner orders them", []string{"TestAClockThatWasAheadHidesNewValuesInV1"},
		},
		"values that describe themselves": {
			"values that can be read without their type: gob has to know it at both ends", []string{
				"TestValuesReachTheOthersAsGobGivesThem", "TestAValueThatGobDoesNotTakeSilencesNothing", "TestAStateThatCannotBeReadIsLostAndCounted",
			},
		},
		"long ids": {
			"a name of its own for the gossip version: it is part of the node's", []string{"TestIdsThatAreTooLongAreAnErrorThatStatesTheLimit"},
		},
		"frames that say whose they are": {
			"a header with the cluster and the version, and a length", []string{"TestRubbishInV1IsCountedAndHarmless"},
		},
		"incarnation overflow": {
			"anything above the highest incarnation", []string{"swim.TestTheHighestIncarnationIsTheEndOfRefuting"},
		},
		"health beside late nacks": {
			"nacks before the prober stops listening, from relays of other programs", []string{
				"swim.TestANackAfterTheWholeTimeoutComesAfterTheVerdict", "interop.TestHealthBesideRelaysThatNackLateIsLostAndComesBack",
			},
		},
	}
}

// lacks reports whether an exception holds for the clusters of this run.
func lacks(name string) bool {
	if _, ok := exceptions()[name]; !ok {
		panic(fmt.Sprintf("no exception is called %q", name))
	}
	return *gossip != types.GOSSIP_VERSION_2
}

// needs skips a test that cannot hold where an exception does.
func needs(t *testing.T, name string) {
	t.Helper()
	if lacks(name) {
		e := exceptions()[name]
		t.Skipf("%s: memberlist's wire lacks %s; see %s", name, e.what, strings.Join(e.instead, ", "))
	}
}

// behaviour are the files whose tests have to hold in every gossip version.
func behaviour() []string {
	return []string{
		"bug_test.go", "cluster_test.go", "domain_test.go", "event_test.go", "join_test.go", "life_test.go",
		"option_test.go", "secure_test.go", "stats_test.go", "value_test.go", "virtual_test.go",
	}
}

// testsIn are the names of the tests in a file.
func testsIn(t *testing.T, path string) (names []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`).FindAllSubmatch(b, -1) {
		names = append(names, string(m[1]))
	}
	return names
}

// The flag is one of the whole process, so another one runs the same tests.
func TestANodeBehavesInV1AsInV2(t *testing.T) {
	t.Parallel()
	if *gossip != types.GOSSIP_VERSION_2 {
		t.Skip("this is the run in another gossip version")
	}
	var names []string
	for _, path := range behaviour() {
		names = append(names, testsIn(t, path)...)
	}
	if len(names) < 80 {
		t.Fatalf("only %d tests of behaviour were found", len(names))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-gossip", types.DEFAULT_GOSSIP_VERSION, "-test.v", "-test.run", "^(" + strings.Join(names, "|") + ")$"}
	if testing.Short() {
		args = append(args, "-test.short")
	}
	out, err := exec.CommandContext(ctx, self, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	ran := regexp.MustCompile(`(?m)^--- (PASS|SKIP): (\w+)`).FindAllSubmatch(out, -1)
	for _, name := range names {
		if !slices.ContainsFunc(ran, func(m [][]byte) bool { return string(m[2]) == name }) {
			t.Errorf("%s did not run", name)
		}
	}
	for _, skipped := range regexp.MustCompile(`(?m)^    \w+\.go:\d+: .*memberlist's wire lacks .*$`).FindAllString(string(out), -1) {
		t.Log(strings.TrimSpace(skipped))
	}
}

func TestEveryExceptionIsTestedAndDocumented(t *testing.T) {
	page, err := os.ReadFile("docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for prefix, dir := range map[string]string{"": ".", "swim.": "swim", "interop.": "bench/interop"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), "_test.go") {
				for _, name := range testsIn(t, dir+"/"+e.Name()) {
					found[prefix+name] = append(found[prefix+name], e.Name())
				}
			}
		}
	}
	for name, e := range exceptions() {
		if e.what == "" || len(e.instead) == 0 {
			t.Errorf("%s: what is lacking, and what happens instead?", name)
		}
		if !strings.Contains(string(page), "| "+name+" |") {
			t.Errorf("docs/protocol.md does not list the exception %q", name)
		}
		for _, test := range e.instead {
			if found[test] == nil {
				t.Errorf("%s: there is no %s", name, test)
			}
			if !strings.Contains(string(page), "`"+test+"`") {
				t.Errorf("%s: docs/protocol.md does not name %s", name, test)
			}
		}
	}
}
