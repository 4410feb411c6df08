// Package mutants holds deliberate bugs: small changes of the production code, each of
// which breaks a promise of the protocol. They are never in the code: a mutant is a file,
// a text that occurs in it once, and what stands there instead, which the compiler is
// given as an overlay. They are there to test the tests: each must be caught by the
// random scenarios of sim/swarm, by the explorer of sim/explore or by the stories of
// sim/scenario.
//
//	for _, m := range mutants.All() {
//		changed, err := m.Apply(root)     // *PatchError: the code has moved on
//		…
//		overlay, err := mutants.Overlay(dir, root, m)
//		exec.Command("go", "build", "-overlay", overlay, "./cmd/nekton")
//	}
//
// The command cmd/mutants does so, and writes what caught each into docs/testing.md
// (make mutants). A test of this package holds that every text is still there.
package mutants
