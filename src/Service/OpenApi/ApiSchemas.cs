using System.Text.Json.Nodes;

namespace GdmOptEtq.Service.OpenApi;

/// <summary>Schemas of the bodies, in the names of OGC API - Processes where it has one (OpenAPI 3.0).</summary>
internal static class ApiSchemas
{
    public static JsonObject All() => (JsonObject)JsonNode.Parse(Text)!;

    private const string Text = """
        {
          "link": {
            "type": "object", "required": ["href"],
            "properties": { "href": { "type": "string" }, "rel": { "type": "string" }, "type": { "type": "string" }, "title": { "type": "string" } }
          },
          "landingPage": {
            "type": "object", "required": ["links"],
            "properties": { "title": { "type": "string" }, "description": { "type": "string" }, "links": { "type": "array", "items": { "$ref": "#/components/schemas/link" } } }
          },
          "confClasses": { "type": "object", "required": ["conformsTo"], "properties": { "conformsTo": { "type": "array", "items": { "type": "string" } } } },
          "processSummary": {
            "type": "object", "required": ["id", "version"],
            "properties": {
              "id": { "type": "string" }, "title": { "type": "string" }, "description": { "type": "string" }, "version": { "type": "string" },
              "jobControlOptions": { "type": "array", "items": { "type": "string", "enum": ["sync-execute", "async-execute", "dismiss"] } },
              "outputTransmission": { "type": "array", "items": { "type": "string", "enum": ["value", "reference"] } },
              "links": { "type": "array", "items": { "$ref": "#/components/schemas/link" } }
            }
          },
          "processList": {
            "type": "object", "required": ["processes", "links"],
            "properties": { "processes": { "type": "array", "items": { "$ref": "#/components/schemas/processSummary" } }, "links": { "type": "array", "items": { "$ref": "#/components/schemas/link" } } }
          },
          "process": {
            "allOf": [
              { "$ref": "#/components/schemas/processSummary" },
              { "type": "object", "properties": { "inputs": { "type": "object", "additionalProperties": { "type": "object" } }, "outputs": { "type": "object", "additionalProperties": { "type": "object" } } } }
            ]
          },
          "execute": {
            "type": "object",
            "properties": {
              "inputs": { "type": "object", "additionalProperties": true, "description": "Values by name, as the process describes them." },
              "outputs": {
                "type": "object", "description": "Outputs that are wanted; all where this is left out.",
                "additionalProperties": { "type": "object", "properties": { "format": { "type": "object", "properties": { "mediaType": { "type": "string" } } }, "transmissionMode": { "type": "string", "enum": ["value", "reference"] } } }
              },
              "response": { "type": "string", "enum": ["raw", "document"], "default": "raw" },
              "subscriber": {
                "type": "object",
                "properties": { "successUri": { "type": "string", "format": "uri" }, "inProgressUri": { "type": "string", "format": "uri" }, "failedUri": { "type": "string", "format": "uri" } }
              },
              "validate_only": { "type": "boolean", "default": false, "description": "Only say what would be done and what it would take, or all reasons against it." }
            }
          },
          "statusInfo": {
            "type": "object", "required": ["jobID", "status", "type"],
            "properties": {
              "processID": { "type": "string" }, "type": { "type": "string", "enum": ["process"] }, "jobID": { "type": "string" }, "id": { "type": "string" },
              "processingEntityType": { "type": "string" }, "title": { "type": "string" },
              "status": { "type": "string", "enum": ["accepted", "running", "successful", "failed", "dismissed"] },
              "message": { "type": "string" }, "created": { "type": "string", "format": "date-time" }, "started": { "type": "string", "format": "date-time" },
              "finished": { "type": "string", "format": "date-time" }, "updated": { "type": "string", "format": "date-time" },
              "progress": { "type": "integer", "minimum": 0, "maximum": 100 }, "tilesFailed": { "type": "integer" },
              "stages": {
                "type": "array",
                "items": {
                  "type": "object", "required": ["name", "done", "failed", "total"],
                  "properties": { "name": { "type": "string", "enum": ["prepare", "correlate", "aggregate", "summarise", "write", "publish"] }, "done": { "type": "integer" }, "failed": { "type": "integer" }, "total": { "type": "integer" } }
                }
              },
              "links": { "type": "array", "items": { "$ref": "#/components/schemas/link" } }
            }
          },
          "jobList": {
            "type": "object", "required": ["jobs", "links"],
            "properties": { "jobs": { "type": "array", "items": { "$ref": "#/components/schemas/statusInfo" } }, "links": { "type": "array", "items": { "$ref": "#/components/schemas/link" } } }
          },
          "results": { "type": "object", "additionalProperties": true, "description": "Value or link of each output by its name." },
          "exception": {
            "type": "object", "required": ["type"], "additionalProperties": true,
            "properties": {
              "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" }, "instance": { "type": "string" },
              "errors": { "type": "array", "items": { "type": "object", "properties": { "input": { "type": "string" }, "detail": { "type": "string" } } } }
            }
          },
          "product": {
            "type": "object", "required": ["name"],
            "properties": {
              "name": { "type": "string" }, "platform": { "type": "string" }, "tile": { "type": "string" }, "datetime": { "type": "string", "format": "date-time" },
              "relativeOrbit": { "type": "integer" }, "baseline": { "type": "string" }, "cloudCoverPercent": { "type": "number", "nullable": true },
              "geometry": { "type": "object" }, "sizeBytes": { "type": "integer", "format": "int64" }, "links": { "type": "array", "items": { "$ref": "#/components/schemas/link" } }
            }
          },
          "productList": { "type": "object", "required": ["products"], "properties": { "products": { "type": "array", "items": { "$ref": "#/components/schemas/product" } } } },
          "upload": {
            "allOf": [ { "$ref": "#/components/schemas/product" }, { "type": "object", "required": ["id", "input"], "properties": { "id": { "type": "string" }, "input": { "type": "string", "description": "How a job names the upload." } } } ]
          },
          "object": { "type": "object", "additionalProperties": true }
        }
        """;
}
