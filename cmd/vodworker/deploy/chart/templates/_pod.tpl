{{- /* A pod's template. Takes root, component, args, ports, probes, and more: what is laid over its spec. */}}
{{- define "vodworker.podTemplate" -}}
{{- $root := .root }}
{{- with $root }}
metadata:
  labels:
    {{- $selected := set (fromYaml (include "vodworker.selector" .)) "app.kubernetes.io/component" $.component }}
    {{- toYaml (merge $selected (deepCopy (default dict .Values.podLabels)) (fromYaml (include "vodworker.labels" .))) | nindent 4 }}
  annotations:
    {{- if not .Values.existingConfigMap }}
    checksum/config: {{ include "vodworker.config" . | sha256sum }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- $spec := fromYaml (include "vodworker.podSpec" $) }}
  {{- if hasKey $spec "Error" }}
  {{- fail $spec.Error }}
  {{- end }}
  {{- $podSpec := deepCopy (default dict .Values.podSpec) }}
  {{- if $podSpec.terminationGracePeriodSeconds }}
  {{- fail "podSpec.terminationGracePeriodSeconds: set terminationGracePeriodSeconds, which tells the program too" }}
  {{- end }}
  {{- toYaml (mergeOverwrite $spec (deepCopy $.more) $podSpec) | nindent 2 }}
{{- end }}
{{- end }}

{{- define "vodworker.podSpec" -}}
{{- with .root }}
{{- if and .Values.inbox.claim .Values.letters.claim }}
{{- fail "dead letters lie in the inbox: set no letters.claim" }}
{{- end }}
serviceAccountName: {{ include "vodworker.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ int .Values.terminationGracePeriodSeconds }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- range $key := list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" }}
{{- with index $.root.Values $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with .Values.extraInitContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: vodworker
    image: {{ include "vodworker.image" . }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args:
      {{- toYaml $.args | nindent 6 }}
    env:
      - {name: VODWORKER_ADMIN_LISTEN, value: {{ printf ":%d" (int .Values.adminPort) | quote }}}
      - {name: VODWORKER_STOP_GRACE, value: {{ include "vodworker.stopGrace" . }}}
      {{- with .Values.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with .Values.extraEnvFrom }}
    envFrom:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $.ports }}
    ports:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $.probes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    securityContext:
      {{- toYaml .Values.securityContext | nindent 6 }}
    volumeMounts:
      - {name: config, mountPath: /etc/vodworker, readOnly: true}
      {{- range $i, $name := .Values.secrets }}
      - {name: secret-{{ $i }}, mountPath: /run/secrets/{{ $name }}, readOnly: true}
      {{- end }}
      {{- if or .Values.inbox.claim .Values.letters.claim }}
      - {name: {{ ternary "inbox" "letters" (not (not .Values.inbox.claim)) }}, mountPath: /var/lib/vodworker}
      {{- end }}
      {{- with .Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  {{- with .Values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  - name: config
    configMap: {name: {{ include "vodworker.configMap" . }}}
  {{- range $i, $name := .Values.secrets }}
  - name: secret-{{ $i }}
    secret: {secretName: {{ $name }}, defaultMode: 0440}
  {{- end }}
  {{- with default .Values.letters.claim .Values.inbox.claim }}
  - name: {{ ternary "inbox" "letters" (not (not $.root.Values.inbox.claim)) }}
    persistentVolumeClaim: {claimName: {{ . }}}
  {{- end }}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
