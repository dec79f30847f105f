package databasetest

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/testcontainers/testcontainers-go"

	"tirage/internal/platform/containertest"
)

// StartPostgres runs a PostgreSQL container and returns the URL of its empty database
// "shop", whose user may create others. The image is that of SHOP_E2E_POSTGRES_IMAGE, or
// the official one; options change what else there is to the container. It fails with
// containertest.ErrUnavailable where there is no Docker Engine or no image.
func StartPostgres(ctx context.Context, options ...testcontainers.ContainerCustomizer) (url string, container testcontainers.Container, err error) {
	connect := func(ctx context.Context, address string) error {
		// The official image starts a first server, for itself alone, and stops it again;
		// the one that answers here is the second.
		conn, err := pgx.Connect(ctx, postgresURL(address))
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	}
	options = append([]testcontainers.ContainerCustomizer{
		testcontainers.WithEnv(map[string]string{
			"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "shop", "POSTGRES_DB": "shop",
		}),
		testcontainers.WithCmd("postgres", "-c", "fsync=off", "-c", "max_connections=500"),
	}, options...)
	container, address, err := containertest.Start(ctx,
		containertest.Image("SHOP_E2E_POSTGRES_IMAGE", "postgres:17-alpine"), "5432/tcp", connect, options...)
	if err != nil {
		return "", nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return postgresURL(address), container, nil
}

// inMemory keeps the data in memory, which makes a database five times as fast as on a
// container's disk, and lasts as long as the container is up.
var inMemory = []testcontainers.ContainerCustomizer{
	testcontainers.WithTmpfs(map[string]string{"/memory": "rw"}),
	testcontainers.WithEnv(map[string]string{"PGDATA": "/memory/data"}),
}

func postgresURL(address string) string {
	return "postgres://shop:shop@" + address + "/shop?sslmode=disable"
}
