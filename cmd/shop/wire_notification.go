package main

func wireNotification(s *shop) error { return nil }
