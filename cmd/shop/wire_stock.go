package main

import (
	"tirage/internal/platform/bus"
	"tirage/internal/stock"
	"tirage/internal/stock/application/command"
	"tirage/internal/stock/application/eventhandler"
	"tirage/internal/stock/application/query"
	"tirage/internal/stock/infrastructure/api"
	"tirage/internal/stock/infrastructure/store"
)

func wireStock(s *shop) {
	catalogue, reservations := store.NewCatalogue(s.db), store.NewReservations(s.db)

	bus.Handle(s.commands, command.NewRestockHandler(store.NewItems(s.db)).Handle)

	bus.Answer(s.queries, query.NewBrowsePrintsHandler(catalogue).Handle)
	bus.Answer(s.queries, query.NewGetOffersHandler(catalogue).Handle)
	bus.Answer(s.queries, query.NewGetEditionsHandler(catalogue).Handle)

	s.events.Publishes(stock.Events()...)
	on := func(handler string) bus.Subscription {
		return bus.Subscription{Handler: "stock." + handler, Queue: bus.Critical}
	}
	bus.Subscribe(s.events, on("UpdateStockOnOrderCreated"), eventhandler.NewUpdateStockOnOrderCreated(reservations, s.queries).Handle)
	bus.Subscribe(s.events, on("ReleaseStockOnOrderCancelled"), eventhandler.NewReleaseStockOnOrderCancelled(reservations).Handle)
	bus.Subscribe(s.events, on("NumberEditionsOnPaymentReceived"), eventhandler.NewNumberEditionsOnPaymentReceived(reservations).Handle)
	bus.Subscribe(s.events, on("ReturnEditionsOnPaymentRefunded"), eventhandler.NewReturnEditionsOnPaymentRefunded(reservations).Handle)

	api.Register(s.server.API, s.commands, s.queries)
}
