package catalogue

// All returns the catalogue: six series of four prints each.
func All() []Series {
	return []Series{
		{
			ID: "flock", Title: "Flock", Prints: flock(),
			About: "Some hundred points, each of which looks only at its neighbours. " +
				"Nobody leads, and still they all turn.",
		},
		{
			ID: "grove", Title: "Grove", Prints: grove(),
			About: "A branch divides into two that are a little shorter, and those do the same. " +
				"After eleven rounds it is a tree, and it is winter.",
		},
		{
			ID: "loom", Title: "Loom", Prints: loom(),
			About: "One square with two threads in it, laid this way or that. " +
				"The pattern is what your eye does with the rest.",
		},
		{
			ID: "orbit", Title: "Orbit", Prints: orbit(),
			About: "Circles that run on circles, around a point that is not drawn. " +
				"Each one comes home, though some take their time.",
		},
		{
			ID: "strata", Title: "Strata", Prints: strata(),
			About: "Contour lines of hills that were never anywhere. " +
				"Where they crowd together it would be steep.",
		},
		{
			ID: "tide", Title: "Tide", Prints: tide(),
			About: "Lines that start at the left edge and go where the current takes them. " +
				"They come close to each other, and never touch.",
		},
	}
}
