// Prints the fields of the messages around a route, by name, as Envoy's published API has them.
package main

import (
	"encoding/json"
	"os"
	"sort"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/proto"
)

func main() {
	messages := map[string]proto.Message{
		"RouteAction":     &route.RouteAction{},
		"Route":           &route.Route{},
		"RouteMatch":      &route.RouteMatch{},
		"ClusterWeight":   &route.WeightedCluster_ClusterWeight{},
		"WeightedCluster": &route.WeightedCluster{},
	}
	fields := map[string][]string{}
	for name, message := range messages {
		fields[name] = fieldsOf(message)
	}
	if err := json.NewEncoder(os.Stdout).Encode(fields); err != nil {
		panic(err)
	}
}

func fieldsOf(message proto.Message) []string {
	described := message.ProtoReflect().Descriptor().Fields()
	names := make([]string, described.Len())
	for index := range names {
		names[index] = string(described.Get(index).Name())
	}
	sort.Strings(names)
	return names
}
