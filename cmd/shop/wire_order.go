package main

import (
	"tirage/internal/order"
	"tirage/internal/order/application/command"
	"tirage/internal/order/application/eventhandler"
	"tirage/internal/order/application/query"
	"tirage/internal/order/infrastructure/api"
	"tirage/internal/order/infrastructure/simulator"
	"tirage/internal/order/infrastructure/store"
	"tirage/internal/platform/bus"
	"tirage/internal/platform/delivery"
)

func wireOrder(s *shop) {
	orders, views, provider := store.NewOrders(s.db), store.NewViews(s.db), simulator.New(s.db)
	requests := store.NewRequests(s.db)

	bus.Handle(s.commands, command.NewCreateOrderHandler(orders, requests, s.queries, s.config.PaymentWindow).Handle)
	bus.Handle(s.commands, command.NewPayOrderHandler(orders).Handle)
	bus.Handle(s.commands, command.NewCancelOrderHandler(orders).Handle)
	bus.Handle(s.commands, command.NewCancelOrderByStaffHandler(orders).Handle)
	bus.Handle(s.commands, command.NewShipOrderHandler(orders).Handle)
	bus.Handle(s.commands, command.NewRefundOrderHandler(orders).Handle)

	bus.Answer(s.queries, query.NewGetOrderHandler(views).Handle)
	bus.Answer(s.queries, query.NewFindByTokenHandler(views).Handle)
	bus.Answer(s.queries, query.NewFindRepeatedHandler(requests).Handle)

	s.events.Publishes(order.Events()...)
	on := func(handler string) bus.Subscription {
		return bus.Subscription{Handler: "order." + handler, Queue: bus.Critical}
	}
	charge := eventhandler.NewChargeOnPaymentRequested(orders, provider)
	void := eventhandler.NewVoidOnPaymentAbandoned(orders, provider)
	refund := eventhandler.NewRefundOnRefundRequested(orders, provider)
	expiry := on("CancelUnpaidOrderOnOrderCreated")
	expiry.Delay = s.config.PaymentWindow
	bus.Subscribe(s.events, expiry, eventhandler.NewCancelUnpaidOrderOnOrderCreated(orders).Handle)
	bus.Subscribe(s.events, on("RequestPaymentOnStockReserved"), eventhandler.NewRequestPaymentOnStockReserved(orders).Handle)
	bus.SubscribeExternal(s.events, on("ChargeOnPaymentRequested"), charge.Call, charge.Complete)
	bus.SubscribeExternal(s.events, on("VoidOnPaymentAbandoned"), void.Call, void.Complete)
	bus.Subscribe(s.events, on("ConfirmOrderOnEditionsNumbered"), eventhandler.NewConfirmOrderOnEditionsNumbered(orders).Handle)
	bus.Subscribe(s.events, on("CancelOrderOnStockRejected"), eventhandler.NewCancelOrderOnStockRejected(orders).Handle)
	bus.SubscribeExternal(s.events, on("RefundOnRefundRequested"), refund.Call, refund.Complete)

	api.Register(s.server.API, s.commands, s.queries, provider, s.secret)
	api.RegisterTimeline(s.server.API, s.queries, delivery.NewDesk(s.db))
	simulator.Register(s.server.API)
}
