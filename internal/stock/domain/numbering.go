package domain

// NextNumbers chooses the numbers of the next copies of an edition: first those that
// came back, lowest first, then the ones after issued, the highest number ever given
// out. So the numbers ever issued are 1..n, with no gap and none given to two owners.
// returned must be sorted and without an owner.
func NextNumbers(returned []int, issued, copies int) []int {
	numbers := make([]int, 0, copies)
	numbers = append(numbers, returned[:min(len(returned), copies)]...)
	for next := issued + 1; len(numbers) < copies; next++ {
		numbers = append(numbers, next)
	}
	return numbers
}
