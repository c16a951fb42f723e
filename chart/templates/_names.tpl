{{- define "shunt.app" -}}
{{ .Values.nameOverride | default .Chart.Name }}
{{- end }}

{{/* A name for Services has no dots and at most 63 characters; what had to be changed for that is told apart by a hash. */}}
{{- define "shunt.name" -}}
{{- $wanted := .Values.fullnameOverride | default (printf "%s-%s" (include "shunt.app" .) .Release.Name) -}}
{{- $name := $wanted | replace "." "-" -}}
{{- if or (ne $name $wanted) (gt (len $name) 63) -}}
{{ printf "%s-%s" (trunc 52 $name | trimSuffix "-") (sha256sum $wanted | trunc 10) }}
{{- else -}}
{{ $name }}
{{- end -}}
{{- end }}

{{/* Neither part holds a dot, so no two releases share a name. */}}
{{- define "shunt.clusterName" -}}
{{ include "shunt.name" . }}.{{ .Release.Namespace }}
{{- end }}

{{- define "shunt.selector" -}}
app: {{ include "shunt.app" . }}
release: {{ .Release.Name }}
{{- end }}

{{/* A pod's labels do not name the chart's version: an upgrade that changes nothing else rolls nothing. */}}
{{- define "shunt.podLabels" -}}
{{ include "shunt.selector" . }}
{{- with omit .Values.labels "app" "release" "chart" "heritage" }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "shunt.labels" -}}
{{ include "shunt.podLabels" . }}
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
heritage: {{ .Release.Service }}
{{- end }}

{{- define "shunt.metadata" -}}
name: {{ include "shunt.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "shunt.labels" . | nindent 2 }}
{{- end }}

{{- define "shunt.clusterMetadata" -}}
name: {{ include "shunt.clusterName" . }}
labels:
  {{- include "shunt.labels" . | nindent 2 }}
{{- end }}
