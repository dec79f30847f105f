package domain

import "errors"

// What a customer typed was wrong.
var (
	ErrInvalidName     = errors.New("invalid name")
	ErrInvalidEmail    = errors.New("invalid e-mail address")
	ErrInvalidAddress  = errors.New("invalid address")
	ErrInvalidQuantity = errors.New("invalid quantity")
	ErrInvalidLines    = errors.New("invalid order lines")
	ErrInvalidCard     = errors.New("invalid card")
	ErrUnknownSKU      = errors.New("unknown SKU")
	ErrInvalidTracking = errors.New("invalid tracking code")
)

// The request to place an order names no idempotency key, or one that was used.
var (
	ErrNoKey     = errors.New("no idempotency key")
	ErrRepeated  = errors.New("the request was taken before")
	ErrKeyReused = errors.New("the idempotency key was used for another order")
)

// The order is not in a state for what was asked of it.
var (
	ErrOrderExists         = errors.New("the order exists already")
	ErrOrderCancelled      = errors.New("the order is cancelled")
	ErrNotReserved         = errors.New("the order still waits for stock")
	ErrAlreadyPaid         = errors.New("the order is paid")
	ErrPaymentUnderWay     = errors.New("a payment is under way")
	ErrPaymentWindowClosed = errors.New("the time to pay is over")
	ErrNotShippable        = errors.New("only an order that is sold and paid can be shipped")
	ErrAlreadyShipped      = errors.New("the order was shipped with another tracking code")
	ErrNotRefundable       = errors.New("only a confirmed or shipped order can be refunded")
)

// Something is wrong with the shop itself, or with the provider.
var (
	ErrInvalidSecret       = errors.New("the shop's secret is too short")
	ErrInvalidToken        = errors.New("order token is too short to be secret")
	ErrPaymentNotFound     = errors.New("payment not found")
	ErrPaymentNotRequested = errors.New("the payment was not requested yet")
	ErrOutcomeChanged      = errors.New("the provider changed its answer")
	ErrRefundNotRequested  = errors.New("no refund was requested")
)

var (
	errEmpty   = errors.New("it is empty")
	errNotText = errors.New("it holds characters that are not text")
)
