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
{{- $inbox := default dict $config.inbox }}
{{- if .Values.inbox.claim }}
{{- $inbox = merge $inbox (dict "url" "sqlite:///var/lib/vodworker/inbox.db") }}
{{- $_ := set $config "inbox" $inbox }}
{{- end }}
{{- if or $inbox.url $inbox.url_file }}
{{- include "vodworker.checkInbox" (dict "values" .Values "inbox" $inbox "letters" $letters) }}
{{- else if .Values.letters.claim }}
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

{{- /* Not empty if the inbox is a SQLite file, as far as can be seen from here: a Secret or a variable may hold any URL. */}}
{{- define "vodworker.oneProcess" -}}
{{- $url := (default dict (default dict .Values.config).inbox).url | default "" }}
{{- if or .Values.inbox.claim (and (not .Values.existingConfigMap) (hasPrefix "sqlite:" $url)) }}yes{{ end }}
{{- end }}

{{- /* Fails for an inbox, and what is beside it, that can't work. */}}
{{- define "vodworker.checkInbox" -}}
{{- $folder := "sqlite:///var/lib/vodworker/" }}
{{- $url := default "" .inbox.url }}
{{- if and .values.inbox.claim .inbox.url_file }}
{{- fail "config.inbox.url_file and inbox.claim: a SQLite inbox has no secret, and no other needs a claim: set one of them" }}
{{- end }}
{{- if and .values.inbox.claim (not (hasPrefix $folder $url)) }}
{{- fail (printf "inbox.claim is for a SQLite inbox, at /var/lib/vodworker: leave config.inbox.url out, or begin it with %s" $folder) }}
{{- end }}
{{- if and (hasPrefix "sqlite:" $url) (not .values.inbox.claim) (not .values.extraVolumeMounts) }}
{{- fail "config.inbox.url is a file that is lost with the pod: name a PersistentVolumeClaim as inbox.claim" }}
{{- end }}
{{- if and (regexMatch "^postgres(ql)?://[^/@]*:[^/@]+@" $url) (not (contains "${" $url)) }}
{{- fail "config.inbox.url has a password, which a ConfigMap shows: put the URL into a Secret, and name its file as config.inbox.url_file" }}
{{- end }}
{{- if or .values.letters.claim .letters.dir .letters.webhook .letters.exec .letters.file .letters.kafka .letters.nats .letters.redis .letters.rabbitmq }}
{{- fail "dead letters lie in the inbox: set no letters.claim, and no place in config.dead_letters" }}
{{- end }}
{{- end }}

{{- define "vodworker.configMap" -}}
{{ default (include "vodworker.fullname" .) .Values.existingConfigMap }}
{{- end }}
