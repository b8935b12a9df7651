{{- define "vodworker.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- /* 46 characters, so that a CronJob, -drain behind it, has 52, the most that Kubernetes takes */}}
{{- define "vodworker.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $whole := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $whole .Values.fullnameOverride | trunc 46 | trimAll "-." }}
{{- end }}

{{- define "vodworker.selector" -}}
app.kubernetes.io/name: {{ include "vodworker.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Each is there once, and what selects pods, and tells Helm its own, stays as it is, whatever commonLabels say. */}}
{{- define "vodworker.labels" -}}
{{- $chart := printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- $kept := set (fromYaml (include "vodworker.selector" .)) "app.kubernetes.io/managed-by" .Release.Service }}
{{- toYaml (merge $kept (deepCopy (default dict .Values.commonLabels)) (dict "app.kubernetes.io/version" .Chart.AppVersion "helm.sh/chart" $chart)) }}
{{- end }}

{{- define "vodworker.serviceAccount" -}}
{{- default (ternary (include "vodworker.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "vodworker.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{- define "vodworker.stopGrace" -}}
{{ sub (int .Values.terminationGracePeriodSeconds) 10 }}s
{{- end }}

{{- /* The text of config.yaml: the values', and what this chart knows better. */}}
{{- define "vodworker.config" -}}
{{- $config := deepCopy (default dict .Values.config) }}
{{- if not $config.handlers }}
{{- fail "config.handlers is empty: say where events go, or name a ConfigMap as existingConfigMap" }}
{{- end }}
{{- $worker := default dict $config.worker }}
{{- if $worker.stop_grace }}
{{- fail "config.worker.stop_grace is the chart's: set terminationGracePeriodSeconds, which is 10 s more" }}
{{- end }}
{{- $_ := set $config "worker" (set $worker "stop_grace" (include "vodworker.stopGrace" .)) }}
{{- $letters := default dict $config.dead_letters }}
{{- if .Values.letters.claim }}
{{- if not (or $letters.dir $letters.webhook $letters.exec $letters.file) }}
{{- $_ := set $config "dead_letters" (set $letters "dir" "/var/lib/vodworker/dead") }}
{{- end }}
{{- else if and $letters.dir (not .Values.extraVolumeMounts) }}
{{- fail "config.dead_letters.dir is nowhere that outlives a pod: name a PersistentVolumeClaim as letters.claim" }}
{{- end }}
{{- if (default dict $config.admin).listen }}
{{- fail "config.admin.listen is the chart's: set adminPort" }}
{{- end }}
{{- $callback := default dict $config.callback }}
{{- if $callback.listen }}
{{- fail "config.callback.listen is the chart's: set callback.enabled and callback.port" }}
{{- end }}
{{- if .Values.callback.enabled }}
{{- $_ := set $config "callback" (set $callback "listen" (printf ":%d" (int .Values.callback.port))) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{- define "vodworker.configMap" -}}
{{ default (include "vodworker.fullname" .) .Values.existingConfigMap }}
{{- end }}
