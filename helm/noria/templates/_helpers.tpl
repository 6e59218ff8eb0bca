{{- define "noria.fullname" -}}
{{- if contains "noria" .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-noria" .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "noria.store" -}}
{{ include "noria.fullname" . }}-object-store
{{- end -}}

{{/* Cluster-wide names hold the release's namespace, so that two releases can live side by side. */}}
{{- define "noria.clusterName" -}}
{{ .Release.Namespace }}:{{ include "noria.fullname" . }}
{{- end -}}

{{/* Labels take the root and the component: (list . "operator"). */}}
{{- define "noria.selector" -}}
app.kubernetes.io/name: noria
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "noria.labels" -}}
{{- $root := index . 0 -}}
{{ include "noria.selector" . }}
app.kubernetes.io/part-of: noria
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end -}}

{{/* What Pod Security `restricted` asks of a container, and a root file system that cannot be written. */}}
{{- define "noria.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "noria.endpoint" -}}
{{- if .Values.objectStore.embedded.enabled -}}
http://{{ include "noria.store" . }}.{{ .Release.Namespace }}.svc:8333
{{- else -}}
{{ .Values.objectStore.endpoint }}
{{- end -}}
{{- end -}}
