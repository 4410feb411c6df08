package explore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nekton-go/nekton/swim"
)

// actionKind is one letter, that of a path.
type actionKind byte

const (
	actTimeout   actionKind = 't' // node
	actStall     actionKind = 's' // node
	actCrash     actionKind = 'c' // node
	actRestart   actionKind = 'r' // node, and with which life
	actLeave     actionKind = 'l' // node
	actStop      actionKind = 'o' // node that is leaving
	actPublish   actionKind = 'p' // node
	actUpdate    actionKind = 'm' // node
	actDeliver   actionKind = 'd' // place among what is on its way
	actDrop      actionKind = 'x' // place
	actDuplicate actionKind = 'u' // place
)

// An action is one thing that happens, and how the random choices that it brings
// about come out.
type action struct {
	kind   actionKind
	arg    int
	chance int
}

// ofNode reports whether the argument is a node.
func (a action) ofNode() bool {
	return a.kind != actDeliver && a.kind != actDrop && a.kind != actDuplicate
}

// String is the action as a step of a path, such as tb, d3 or d3.1.
func (a action) String() string {
	arg := strconv.Itoa(a.arg)
	if a.ofNode() {
		arg = nameOf(a.arg)
	}
	if a.chance > 0 {
		arg += "." + strconv.Itoa(a.chance)
	}
	return string(a.kind) + arg
}

// parseAction reads what String wrote.
func parseAction(s string) (action, error) {
	bad := fmt.Errorf("%q is not a step: want a letter, a node or a number, and perhaps a choice, as in tb, d3 or d3.1", s)
	if len(s) < 2 || !strings.ContainsRune("tscrlopmdxu", rune(s[0])) {
		return action{}, bad
	}
	a := action{kind: actionKind(s[0])}
	arg, choice, chosen := strings.Cut(s[1:], ".")
	var err error
	if a.ofNode() {
		node, ok := nodeOf(arg)
		if !ok {
			return action{}, bad
		}
		a.arg = node
	} else if a.arg, err = strconv.Atoi(arg); err != nil {
		return action{}, bad
	}
	if chosen {
		if a.chance, err = strconv.Atoi(choice); err != nil {
			return action{}, bad
		}
	}
	return a, nil
}

// Actions are kept in 4 bytes per state: 8 bits of kind, 8 of argument, 16 of chance.
func (a action) pack() uint32 { return uint32(a.kind)<<24 | uint32(a.arg)<<16 | uint32(a.chance) }

func unpack(p uint32) action {
	return action{kind: actionKind(p >> 24), arg: int(p >> 16 & 0xff), chance: int(p & 0xffff)}
}

// maxItems is how many things can be on their way, by what an action can name.
const maxItems = 256

// lowLives are the lives with which a node can restart, given the highest that its
// name has had: the first is that of an orderly restart.
func lowLives(top swim.Life) [4]swim.Life {
	return [4]swim.Life{
		{Generation: top.Generation, Boot: top.Boot + bootStep},
		top,
		{Generation: top.Generation, Boot: top.Boot - bootStep/2},
		{Generation: top.Generation - 1, Boot: top.Boot + bootStep},
	}
}
