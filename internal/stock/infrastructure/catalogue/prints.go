package catalogue

func flock() []Print {
	return []Print{
		{"flock-01", "Starlings, Late", 40_121, "dusk", []Size{small(40, 90), medium(20, 180), large(5, 420)}},
		{"flock-02", "Leaving", 40_258, "glacier", []Size{small(30, 95), medium(15, 190)}},
		{"flock-03", "Crumbs on the Square", 40_333, "honey", []Size{small(50, 80), medium(25, 160), large(10, 360)}},
		{"flock-04", "All at Once", 40_467, "ink", []Size{medium(10, 240), large(3, 560)}},
	}
}

func grove() []Print {
	return []Print{
		{"grove-01", "First Frost", 51_104, "glacier", []Size{small(50, 85), medium(25, 170), large(10, 380)}},
		{"grove-02", "Orchard Wall", 51_219, "moss", []Size{small(40, 90), firstPrint(12, medium(20, 180))}},
		{"grove-03", "The Tree Behind the School", 51_377, "ink", []Size{small(30, 110), medium(12, 230), large(3, 580)}},
		{"grove-04", "Windfall", 51_482, "rust", []Size{small(35, 95), medium(15, 200), large(5, 440)}},
	}
}

func loom() []Print {
	return []Print{
		{"loom-01", "Plain Weave", 62_115, "chalk", []Size{small(50, 75), medium(30, 150)}},
		{"loom-02", "My Brother's Coat", 62_240, "rust", []Size{small(40, 85), medium(20, 175), large(5, 410)}},
		{"loom-03", "Hem", 62_391, "harbour", []Size{small(25, 100), medium(10, 210), large(3, 520)}},
		{"loom-04", "A Knot Left In", 62_408, "ember", []Size{medium(5, 320), large(1, 900)}},
	}
}

func orbit() []Print {
	return []Print{
		{"orbit-01", "Two Moons", 73_136, "ink", []Size{small(50, 90), medium(25, 180), large(10, 400)}},
		{"orbit-02", "The Slow Clock", 73_202, "chalk", []Size{small(30, 95), medium(15, 195), large(5, 430)}},
		{"orbit-03", "Near Miss", 73_318, "ember", []Size{small(20, 115), medium(8, 250)}},
		{"orbit-04", "What the Lighthouse Sees", 73_455, "harbour", []Size{medium(10, 260), large(3, 600)}},
	}
}

func strata() []Print {
	return []Print{
		{"strata-01", "Chalk Path", 84_127, "chalk", []Size{small(45, 80), medium(20, 165), large(10, 370)}},
		{"strata-02", "Old Snow", 84_281, "glacier", []Size{small(40, 90), medium(20, 185)}},
		{"strata-03", "The Quarry on Sunday", 84_346, "rust", []Size{small(30, 100), medium(12, 220), large(5, 450)}},
		{"strata-04", "Low Ground", 84_419, "moss", []Size{small(25, 105), medium(10, 225), large(1, 850)}},
	}
}

func tide() []Print {
	return []Print{
		{"tide-01", "Slack Water", 95_108, "harbour", []Size{small(40, 90), medium(50, 140), large(10, 390)}},
		{"tide-02", "An Hour Before Rain", 95_233, "dusk", []Size{small(35, 95), medium(15, 190), large(5, 430)}},
		{"tide-03", "Undertow", 95_374, "ink", []Size{small(20, 110), medium(10, 240), large(3, 540)}},
		{"tide-04", "Morning, No Boats", 95_450, "dawn", []Size{medium(3, 380), large(1, 950)}},
	}
}
