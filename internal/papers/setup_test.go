package papers

import "testing"

func TestSetupsOfAnExperimentHaveNamesOfTheirOwn(t *testing.T) {
	for _, e := range Experiments() {
		for _, size := range []Size{Tiny, Small, Full} {
			settings := map[string]string{} // by name
			seen := map[string]bool{}       // setup and point
			for _, task := range e.Tasks(size) {
				s := task.Setup
				if old, ok := settings[s.Name]; ok && old != s.Settings() {
					t.Errorf("%s: %q is %q and %q", e.Name, s.Name, old, s.Settings())
				}
				settings[s.Name] = s.Settings()
				if at := s.Name + " " + task.Point.String(); seen[at] {
					t.Errorf("%s runs %s twice", e.Name, at)
				} else {
					seen[at] = true
				}
			}
		}
	}
}

func TestEverySettingHasATwinWithoutCoordinatedProbing(t *testing.T) {
	have := map[string]Setup{}
	for _, s := range append(mainSetups(), moreSetups()...) {
		have[s.Name] = s
	}
	for _, name := range []string{"nekton", "nekton 2,1", "nekton 2,2", "nekton 2,6", "nekton 3,6", "nekton 5,1", "nekton 5,6"} {
		if s, ok := have[name+", shuffled"]; !ok || !s.Swim.NoCoordinatedProbing {
			t.Errorf("%s: %v, %+v", name, ok, s.Swim)
		}
	}
}
