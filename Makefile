# What CI runs is `make lint` and `make test`, as .ci/run does; nothing hides elsewhere.
.DEFAULT_GOAL := help
.PHONY: help run test race lint fmt ci

golangci := go tool -modfile=tools/go.mod golangci-lint

help: ## this list
	@awk -F ': ## ' '/^[a-z]+: ## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the shop in your browser; nothing else has to be installed
	go run ./cmd/shop

test: ## every test; those in containers too, where a Docker Engine answers
	scripts/test.sh

race: ## the same under the race detector
	scripts/test.sh -race ./...

lint: ## go vet, the linters and the formatting
	go vet ./...
	$(golangci) run

fmt: ## formats the code as lint wants it
	$(golangci) fmt

ci: ## what the build server does, from the linters to the last container
	.ci/run
