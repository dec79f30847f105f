// Package migrations embeds the SQL files that goose runs, one folder per database.
// The two folders hold the same steps under the same numbers.
package migrations

import "embed"

// Files holds postgres/*.sql and sqlite/*.sql.
//
//go:embed postgres/*.sql sqlite/*.sql
var Files embed.FS
