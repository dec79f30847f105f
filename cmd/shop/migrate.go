package main

import (
	"context"
	"errors"
	"fmt"
)

type migrateCommand struct{}

// Run migrates and seeds, as every process also does when it starts.
func (migrateCommand) Run(ctx context.Context, config *Config, t terminal) error {
	db, err := openDatabase(ctx, config)
	if err != nil {
		return err
	}
	err = errors.Join(prepareDatabase(ctx, db, config.logger(t.err)), db.Close())
	if err == nil {
		fmt.Fprintln(t.out, "The database is up to date.")
	}
	return err
}
