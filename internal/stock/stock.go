// Package stock is the published language of the stock context: the ids, events and
// queries that other contexts may use. It is a leaf: it imports no other context.
//
// The context owns the catalogue, what is on hand, who holds a reservation, and the
// numbers of the editions.
package stock
