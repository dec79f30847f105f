package bus

import (
	"context"
	"reflect"
)

// Commands is the command bus: synchronous, one handler per command, imperative
// names. A command returns nothing but an error; whoever sends it chooses the ids.
type Commands struct{ routes routes }

// NewCommands returns a command bus whose handlers all run inside middleware.
func NewCommands(middleware ...Middleware) *Commands {
	return &Commands{routes: newRoutes(middleware)}
}

// Handle registers the one handler of commands of type C.
func Handle[C any](b *Commands, handle func(context.Context, C) error) {
	b.routes.register(reflect.TypeFor[C](), func(ctx context.Context, message any) (any, error) {
		return nil, handle(ctx, message.(C))
	})
}

// Execute runs a command and returns its handler's error, or ErrNoHandler.
func (b *Commands) Execute(ctx context.Context, command any) error {
	_, err := b.routes.send(ctx, command)
	return err
}
