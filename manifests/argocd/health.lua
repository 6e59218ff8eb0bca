-- Health of Datasets, TrainingJobs and Models for Argo CD, which ignores custom resources without such a script.
-- In the ConfigMap argocd-cm, set each of these keys to this text:
--   resource.customizations.health.noria.dev_Dataset
--   resource.customizations.health.noria.dev_TrainingJob
--   resource.customizations.health.noria.dev_Model
local health = {status = "Progressing", message = "Waiting for the operator"}
local metadata, status = obj.metadata, obj.status

if metadata.deletionTimestamp ~= nil then
  health.message = "Being deleted"
  return health
end
if status == nil or status.conditions == nil then
  return health
end
if status.observedGeneration ~= nil and metadata.generation ~= nil
    and status.observedGeneration ~= metadata.generation then
  health.message = "The latest spec has not been looked at yet"
  return health
end

local holds, ready = {}, nil
for _, condition in ipairs(status.conditions) do
  if condition.status == "True" then
    holds[condition.type] = condition
  end
  if condition.type == "Ready" then
    ready = condition
  end
end

local found = holds.Stalled or holds.Suspended or ready
if found == nil then
  return health
end
if holds.Stalled then
  health.status = "Degraded"
elseif holds.Suspended then
  health.status = "Suspended"
elseif holds.Ready then
  health.status = "Healthy"
end
if found.message ~= nil and found.message ~= "" then
  health.message = found.message
else
  health.message = found.reason
end
return health
