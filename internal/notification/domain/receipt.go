package domain

import "fmt"

// Edition is one numbered copy of a print: Number of Size.
type Edition struct {
	SKU    string
	Number int
	Size   int
}

// ReceiptOf says that an order is paid, and which copies are the customer's.
func ReceiptOf(o Order, editions []Edition) Message {
	numbers := func(line Line) []string {
		var lines []string
		for _, e := range editions {
			if e.SKU == line.SKU {
				lines = append(lines, fmt.Sprintf("      copy %d of %d", e.Number, e.Size))
			}
		}
		return lines
	}
	return o.message(Receipt, "Your prints are yours",
		"Your payment has arrived. These copies are yours:",
		o.summary(numbers),
		"Thank you for giving them a wall.")
}
