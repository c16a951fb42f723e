{{/* Set where policies can keep the rights of the program harmless; those that need one are given, and used, only there. */}}
{{- define "shunt.guarded" -}}
{{- if semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version }}yes{{ end }}
{{- end }}

{{/* By which the program marks what it keeps, and the policies know that. */}}
{{- define "shunt.owner" -}}
{{ .Release.Namespace }}/{{ include "shunt.name" . }}
{{- end }}

{{/* CEL: two maps hold the same, the keys aside that are named after them. What a later Kubernetes adds counts too. */}}
{{- define "shunt.same" -}}
{{- $now := index . 0 }}{{ $was := index . 1 }}{{ $but := slice . 2 | toJson -}}
{{ $now }}.all(key, key in {{ $but }} || (key in {{ $was }} && {{ $now }}[key] == {{ $was }}[key])) && {{ $was }}.all(key, key in {{ $but }} || key in {{ $now }})
{{- end }}

{{/* The binding of a policy, and the policy itself as far as what it asks of requests by the release's account. */}}
{{- define "shunt.policyHead" -}}
{{- $name := printf "%s.%s" .name (include "shunt.clusterName" .root) -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "shunt.labels" .root | nindent 4 }}
spec:
  policyName: {{ $name }}
  validationActions: [Deny]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ $name }}
  labels:
    {{- include "shunt.labels" .root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - { apiGroups: [{{ .group | quote }}], apiVersions: [v1], operations: {{ toJson .operations }}, resources: {{ toJson .resources }} }
      {{- with .also }}
      - { apiGroups: [{{ .group | quote }}], apiVersions: [v1], operations: {{ toJson $.operations }}, resources: {{ toJson .resources }} }
      {{- end }}
  matchConditions:
    - name: by-this-release
      expression: >-
        request.userInfo.username == "system:serviceaccount:{{ .root.Release.Namespace }}:{{ include "shunt.name" .root }}"
{{- end }}
