{{/* What was generated from diversion.yaml, once it is certain that it was this diversion.yaml. */}}
{{- define "shunt.generated" -}}
{{- $source := .root.Files.Get "files/source.json" | default "{}" | fromJson -}}
{{- if ne (.root.Files.Get "diversion.yaml" | sha256sum) ($source.sha256 | default "") -}}
{{- fail "the chart's files/ were made from another diversion.yaml: run shunt generate" -}}
{{- end -}}
{{ .root.Files.Get (printf "files/%s.json" .file) }}
{{- end }}

{{- define "shunt.topology" -}}
{{ .Values.topology | default "pods" }}
{{- end }}

{{/* The workloads of the topology, and which pods the API server asks about. */}}
{{- define "shunt.registration" -}}
{{ get (include "shunt.generated" (dict "root" . "file" "registration") | fromJson) (include "shunt.topology" .) | toJson }}
{{- end }}

{{/* The diversion with the values laid over it; what the ingress diverts, no pod does. */}}
{{- define "shunt.diversion" -}}
{{- $diversion := include "shunt.generated" (dict "root" . "file" "diversion") | fromJson -}}
{{- $spec := $diversion.spec -}}
{{- if not (kindIs "invalid" .Values.enabled) }}{{ $_ := set $spec "enabled" .Values.enabled }}{{ end -}}
{{- if not (kindIs "invalid" .Values.share) }}{{ $_ := set $spec "share" (int .Values.share) }}{{ end -}}
{{- if eq (include "shunt.topology" .) "ingress-all" }}{{ $_ := set $spec "workloads" (include "shunt.registration" . | fromJson).workloads }}{{ end -}}
{{- with .Values.sidecar.image }}{{ $_ := set $spec.sidecar "image" . }}{{ end -}}
{{- range $key, $value := .Values.sidecar.resources }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $spec.sidecar.resources $key (toString $value) }}{{ end -}}
{{- end -}}
{{- $_ := set $spec.sidecar "configImage" (include "shunt.image" (dict "root" . "declared" $spec.sidecar.configImage)) -}}
{{ toPrettyJson $diversion }}
{{- end }}

{{- define "shunt.image" -}}
{{- $image := .root.Values.image -}}
{{- if or $image.repository $image.tag $image.digest -}}
{{- $repository := $image.repository | default (regexReplaceAll "(:[^/:@]+)?(@.*)?$" .declared "") -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- else -}}
{{ .declared }}
{{- end -}}
{{- end }}
