// Prints what Envoy's published API says of fields that this program judges. Usage: envoy-api FOLDER, the folder of the
// module go-control-plane/envoy, whose generated files hold the descriptors of every package, used here or not.
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Messages all of whose fields are judged.
var judged = map[string]string{
	"envoy.config.route.v3.RouteAction":                   "RouteAction",
	"envoy.config.route.v3.Route":                         "Route",
	"envoy.config.route.v3.RouteMatch":                    "RouteMatch",
	"envoy.config.route.v3.WeightedCluster.ClusterWeight": "ClusterWeight",
	"envoy.config.route.v3.WeightedCluster":               "WeightedCluster",
}

// Types by which a message says where to send something, or takes part of the configuration from elsewhere.
var sending = map[string]bool{
	".envoy.config.core.v3.Address":             true,
	".envoy.config.core.v3.SocketAddress":       true,
	".envoy.config.core.v3.HttpUri":             true,
	".envoy.config.core.v3.ConfigSource":        true,
	".envoy.config.core.v3.ApiConfigSource":     true,
	".envoy.config.core.v3.AsyncDataSource":     true,
	".envoy.config.core.v3.RemoteDataSource":    true,
	".envoy.config.core.v3.HttpService":         true,
	".envoy.config.core.v3.GrpcService":         true,
	".envoy.config.endpoint.v3.Endpoint":        true,
	".envoy.config.cluster.v3.Cluster":          true,
	".envoy.config.route.v3.RouteConfiguration": true,
}

type result struct {
	Fields  map[string][]string `json:"fields"`
	Sending map[string]string   `json:"sending"`
}

func main() {
	found := result{Fields: map[string][]string{}, Sending: map[string]string{}}
	check(filepath.WalkDir(os.Args[1], func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".pb.go") {
			return err
		}
		if described := descriptorOf(path); described != nil {
			found.addFile(described)
		}
		return nil
	}))
	check(json.NewEncoder(os.Stdout).Encode(found))
}

func (found result) addFile(file *descriptorpb.FileDescriptorProto) {
	name := file.GetPackage()
	// Version 2 of the API has not been accepted since 1.18; what Envoy says about itself configures nothing.
	isConfiguration := strings.HasSuffix(name, ".v3") || strings.HasSuffix(name, "alpha")
	if !isConfiguration || strings.Contains(name, ".v2") || strings.HasPrefix(name, "envoy.data.") ||
		strings.HasPrefix(name, "envoy.admin.") || strings.HasPrefix(name, "envoy.service.") {
		return
	}
	for _, message := range file.GetMessageType() {
		found.addMessage(name, message)
	}
}

func (found result) addMessage(parent string, message *descriptorpb.DescriptorProto) {
	name := parent + "." + message.GetName()
	fields := []string{}
	for _, field := range message.GetField() {
		fields = append(fields, field.GetName())
		if what := sendingKind(field); what != "" {
			found.Sending[strings.TrimPrefix(name, "envoy.")+"."+field.GetName()] = what
		}
	}
	if short, is := judged[name]; is {
		sort.Strings(fields)
		found.Fields[short] = fields
	}
	for _, nested := range message.GetNestedType() {
		found.addMessage(name, nested)
	}
}

// What a field says of where to send: the name of a cluster, an address as a text, or a message that holds either.
func sendingKind(field *descriptorpb.FieldDescriptorProto) string {
	name := field.GetName()
	if field.GetType() == descriptorpb.FieldDescriptorProto_TYPE_STRING {
		switch {
		case strings.Contains(name, "cluster"):
			return "cluster"
		case strings.Contains(name, "uri") || strings.Contains(name, "url") || strings.Contains(name, "endpoint") ||
			strings.Contains(name, "address"):
			return "address"
		}
	}
	if sending[field.GetTypeName()] {
		return field.GetTypeName()[strings.LastIndex(field.GetTypeName(), ".")+1:]
	}
	return ""
}

// The descriptor is a constant of the generated file, written as a sum of texts.
func descriptorOf(path string) *descriptorpb.FileDescriptorProto {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	check(err)
	for _, declaration := range file.Decls {
		general, is := declaration.(*ast.GenDecl)
		if !is || general.Tok != token.CONST {
			continue
		}
		for _, spec := range general.Specs {
			value := spec.(*ast.ValueSpec)
			if !strings.HasSuffix(value.Names[0].Name, "_rawDesc") {
				continue
			}
			described := &descriptorpb.FileDescriptorProto{}
			check(proto.Unmarshal([]byte(textOf(value.Values[0])), described))
			return described
		}
	}
	return nil
}

func textOf(expression ast.Expr) string {
	var text strings.Builder
	var write func(ast.Expr)
	write = func(part ast.Expr) {
		switch part := part.(type) {
		case *ast.BinaryExpr:
			write(part.X)
			write(part.Y)
		case *ast.BasicLit:
			value, err := strconv.Unquote(part.Value)
			check(err)
			text.WriteString(value)
		}
	}
	write(expression)
	return text.String()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
