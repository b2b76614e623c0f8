// Command pstest runs Google's in-memory Pub/Sub fake, which is a Go package, as a server of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"cloud.google.com/go/pubsub/v2/pstest"
)

func main() {
	address := flag.String("address", "127.0.0.1:8085", "host:port to listen on")
	flag.Parse()
	server := pstest.NewServerWithAddress(*address)
	defer server.Close()
	fmt.Println("listening on", server.Addr)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	<-stop
}
