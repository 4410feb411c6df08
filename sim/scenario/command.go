package scenario

// A verb is a command of the language.
type verb struct {
	usage string // as in docs/simulator.md
	least int    // words that must follow it
	run   func(s *stage, c *command) error
}

// verbs are all commands but params, contender and with, which are the player's.
func verbs() map[string]verb {
	return map[string]verb{
		// Who there is.
		"cluster": {"cluster [NAME… | DOMAIN/NAME…] [nodes=N] [setting…]", 0, (*stage).cluster},
		"node":    {"node NAME… [setting…]", 1, (*stage).node},
		"start":   {"start WHO [seeds=(WHO)] [over=TIME]", 1, (*stage).begins},
		"zombie":  {"zombie NAME as=NODE [seeds=(WHO)] [setting…]", 1, (*stage).zombie},

		// How processes end and begin again.
		"crash":   {"crash WHO", 1, (*stage).crash},
		"vanish":  {"vanish WHO", 1, (*stage).vanish},
		"leave":   {"leave WHO [patience=TIME] [over=TIME]", 1, (*stage).leave},
		"restart": {"restart WHO [moved] [at=N] [gen=N] [clock=TIME] [drift=PPM] [seeds=(WHO)] [down=TIME] [over=TIME | every=TIME]", 1, (*stage).restart},
		"churn":   {"churn WHO up=TIME down=TIME | churn off", 1, (*stage).churn},

		// What can be wrong with a process.
		"pause":   {"pause WHO [for=TIME]", 1, (*stage).pause},
		"resume":  {"resume WHO", 1, (*stage).resume},
		"hold":    {"hold WHO [run | stall] [for=TIME]", 1, (*stage).hold},
		"release": {"release WHO", 1, (*stage).release},
		"starve":  {"starve WHO run=TIME wait=DELAY", 1, (*stage).starve},
		"feed":    {"feed WHO", 1, (*stage).feed},
		"slow":    {"slow WHO DELAY | slow WHO off", 2, (*stage).slow},

		// What can be wrong with the network.
		"cut":    {"cut A->B | cut A<->B | cut A|B|C", 1, (*stage).cut},
		"heal":   {"heal [CUT…]", 0, (*stage).heal},
		"flap":   {"flap CUT cut=TIME open=TIME", 1, (*stage).flap},
		"link":   {"link [WHO | A->B] [loss=%] [delay=DELAY] [dup=%] [reorder=%] [late=DELAY] [streams=off] [packets=off] [way=in|out|both] | link WHO reset", 0, (*stage).link},
		"loss":   {"loss %", 1, (*stage).loss},
		"uplink": {"uplink WHO BYTES | uplink WHO off", 2, (*stage).uplink},
		"forge":  {"forge alive | suspect | dead WHO at=N [by=NODE] [to=NODE] [boot=N]", 2, (*stage).forge},

		// What the application does.
		"publish":        {"publish WHO [KEY=VALUE…] | publish WHO KEY size=BYTES", 1, (*stage).publish},
		"delete":         {"delete WHO KEY…", 2, (*stage).remove},
		"update-cluster": {"update-cluster", 0, (*stage).updateCluster},
		"activate":       {"activate DOMAIN", 1, (*stage).activate},
		"deactivate":     {"deactivate DOMAIN", 1, (*stage).deactivate},

		// Time, and what is to be true.
		"run":    {"run TIME [packets]", 1, (*stage).run},
		"until":  {"until LIMIT CONDITION", 2, (*stage).until},
		"expect": {"expect CONDITION", 1, (*stage).expect},
		"mark":   {"mark", 0, (*stage).markNow},

		// What is told and shown.
		"tell": {"tell events | briefly | counts | nothing [packets] [only=(KIND…)] [without=(KIND…)]", 1, (*stage).tellWhat},
		"show": {"show views | groups | status | store | health | traffic [WHO] | show stats WHO KEY… | show METRIC…", 1, (*stage).show},
	}
}
