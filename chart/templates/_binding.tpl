{{/* Binds a role to the release's account: of a namespace where one is given, else of the cluster. */}}
{{- define "shunt.binding" -}}
{{- $name := .name | default (include "shunt.clusterName" .root) }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ $name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "shunt.labels" .root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: {{ .kind }}, name: {{ $name }} }
subjects:
  - { kind: ServiceAccount, name: {{ include "shunt.name" .root }}, namespace: {{ .root.Release.Namespace }} }
{{- end }}
