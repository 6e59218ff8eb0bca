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

{{/* Whether Helm can look into the cluster: not in `helm template`, nor where a GitOps tool renders the chart. */}}
{{- define "noria.canLook" -}}
{{- if lookup "v1" "Namespace" "" "kube-system" -}}true{{- end -}}
{{- end -}}

{{/*
The storage class of the embedded store's volume, "-" for none and nothing for the default one. A volume that is there
keeps its own. Refused is what the cluster does not have: the volume would be waited for without an end.
*/}}
{{- define "noria.storageClass" -}}
{{- $wanted := .Values.objectStore.embedded.persistence.storageClass -}}
{{- $found := lookup "v1" "PersistentVolumeClaim" .Release.Namespace (include "noria.store" .) -}}
{{- if $found -}}
{{- dig "spec" "storageClassName" "-" $found | default "-" -}}
{{- else -}}
{{- if and (ne $wanted "-") (include "noria.canLook" .) -}}
{{- $names := list -}}
{{- $default := false -}}
{{- range (lookup "storage.k8s.io/v1" "StorageClass" "" "").items -}}
{{- $names = append $names .metadata.name -}}
{{- if eq "true" (dig "metadata" "annotations" "storageclass.kubernetes.io/is-default-class" "" .) -}}
{{- $default = true -}}
{{- end -}}
{{- end -}}
{{- $cure := printf "set objectStore.embedded.persistence.storageClass to one of: %s; or set objectStore.embedded.persistence.enabled=false, and all data are lost with the store's pod" (join ", " $names | default "(there is none)") -}}
{{- if and (not $wanted) (not $default) -}}
{{- fail (printf "the embedded object store needs a volume, and the cluster has no default StorageClass: %s" $cure) -}}
{{- else if and $wanted (not (has $wanted $names)) -}}
{{- fail (printf "the cluster has no StorageClass %s: %s" $wanted $cure) -}}
{{- end -}}
{{- end -}}
{{- $wanted -}}
{{- end -}}
{{- end -}}
